import { readFileSync } from "node:fs";

/** The version in the package.json beside the `src` or `dist` folder of the module at `url` (`import.meta.url`). */
export function packageVersion(url: string): string {
  const parsed = JSON.parse(readFileSync(new URL("../package.json", url), "utf8")) as { version: string };
  return parsed.version;
}

/** The commit that this release was made from; null in a checkout. A release writes it into this package. */
export function releaseCommit(): string | null {
  try {
    return readFileSync(new URL("../commit", import.meta.url), "utf8").trim();
  } catch {
    return null;
  }
}

/** A version text with the release's commit behind its first line. */
export function withCommit(version: string, commit: string | null = releaseCommit()): string {
  return commit === null ? version : version.replace(/(?=\n|$)/, ` (commit ${commit})`);
}
