import { rmSync, writeFileSync } from "node:fs";
import { describeSystemError, UserError } from "@falco-efk/kit";

/** Writes this process's id into a file. Throws UserError (`FILE_WRITE`). Answers how to remove it. */
export function writePidFile(file: string): () => void {
  try {
    writeFileSync(file, String(process.pid), { mode: 0o644 });
  } catch (error) {
    throw new UserError(`the pid can't be written: ${describeSystemError(error)}`, {
      code: "FILE_WRITE",
      file,
      cause: error,
    });
  }
  const remove = (): void => rmSync(file, { force: true });
  // A second signal ends the process at once.
  process.once("exit", remove);
  return () => {
    process.off("exit", remove);
    remove();
  };
}
