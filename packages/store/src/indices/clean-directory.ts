import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes what a crash left half done in an index's directory: files that are not finished, segments that the manifest
 * does not name, logs of segments that it does. Gives the numbers of the logs that are still needed, in order.
 */
export function cleanDirectory(directory: string, sealed: ReadonlySet<number>): number[] {
  const logs: number[] = [];
  for (const name of readdirSync(directory)) {
    const match = /^(\d+)\.(log|seg|del|seg\.tmp|del\.tmp)$/.exec(name);
    const number = Number(match?.[1]);
    if (match?.[2] === "log" && !sealed.has(number)) {
      logs.push(number);
    } else if (match && (!sealed.has(number) || match[2] === "log" || match[2]?.endsWith(".tmp"))) {
      rmSync(join(directory, name), { force: true });
    }
  }
  return logs.sort((a, b) => a - b);
}
