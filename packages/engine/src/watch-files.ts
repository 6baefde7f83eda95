import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";

const SETTLE_MS = 200;

/**
 * Calls `changed` once after one of the files, or anything in one of the folders, has changed and been still for a
 * moment. A file's folder is watched, so that a file that an editor or a package puts in its place is seen too.
 */
export function watchFiles(
  files: readonly string[],
  folders: readonly string[],
  changed: () => void,
  settleMs: number = SETTLE_MS,
): { close(): void } {
  const wanted = new Map<string, Set<string> | null>();
  for (const folder of folders) wanted.set(resolve(folder), null);
  for (const file of files) {
    const folder = dirname(resolve(file));
    const names = wanted.get(folder);
    if (names === undefined) wanted.set(folder, new Set([basename(file)]));
    else names?.add(basename(file));
  }
  let timer: NodeJS.Timeout | null = null;
  const notice = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      changed();
    }, settleMs);
    timer.unref();
  };
  const watchers: FSWatcher[] = [];
  for (const [folder, names] of wanted) {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (names === null || name === null || names.has(name)) notice();
      });
      watcher.on("error", () => watcher.close());
      watchers.push(watcher);
    } catch {
      // A folder that is gone can't be watched; SIGHUP still loads again.
    }
  }
  return {
    close() {
      if (timer !== null) clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
