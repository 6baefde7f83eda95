import { readFileSync } from "node:fs";

/** The version in the package.json beside the `src` or `dist` folder of the module at `url` (`import.meta.url`). */
export function packageVersion(url: string): string {
  const parsed = JSON.parse(readFileSync(new URL("../package.json", url), "utf8")) as { version: string };
  return parsed.version;
}
