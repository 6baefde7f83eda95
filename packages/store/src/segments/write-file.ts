import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { syncDirectory } from "./sync-directory.ts";

/** Replaces a file in one step that survives a crash: the old content or the new, never a part. */
export function writeFileDurably(path: string, content: string | Uint8Array): void {
  const fd = openSync(`${path}.tmp`, "w", 0o640);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.tmp`, path);
  syncDirectory(path);
}
