import { resolve } from "node:path";
import { watch } from "chokidar";
import { baseFolder, isPattern } from "./candidates.ts";
import { familyOf } from "./family.ts";

/** A running watch over folders. */
export interface FolderWatch {
  close(): Promise<void>;
}

/** Calls `notice` with the path of each file that appears, changes or goes in the folders of these paths and patterns. */
export function watchFolders(paths: readonly string[], notice: (path: string) => void): FolderWatch {
  const families = new Set(paths.filter((path) => !isPattern(path)).map((path) => familyOf(resolve(path))));
  const deep = paths.some((path) => path.includes("**"));
  const hasPatterns = paths.some(isPattern);
  const folders = [...new Set(paths.map(baseFolder))];
  const watcher = watch(folders, {
    ignoreInitial: true,
    ...(deep ? {} : { depth: 0 }),
    // Told by the name alone: a neighbour that is written to all the time is not worth a look each time.
    ignored: (path) => !hasPatterns && !folders.includes(path) && !families.has(familyOf(path)),
  });
  watcher.on("all", (_event, path) => notice(path));
  // A folder that can't be watched (network file systems, exhausted watches) is still scanned.
  watcher.on("error", () => undefined);
  return { close: () => watcher.close() };
}
