import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Base images, tools and the daemon's data are kept here from run to run; without it everything is made anew. */
export function cacheFolder(): string {
  const folder = join(process.env["FALCO_EFK_CACHE"] ?? "/var/tmp/falco-efk", "docker");
  mkdirSync(folder, { recursive: true });
  return folder;
}
