import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { UserError } from "./errors.ts";

/** What is said when another process has the lock. */
export interface LockRefusal {
  readonly message: string;
  readonly code: string;
  readonly hint: string;
}

/**
 * Takes a file or folder for this process alone and answers the function that lets it go. The lock is a socket in Linux's
 * abstract namespace, named after the inode: however the process ends, the kernel takes it back, and nothing is left behind.
 * Processes in other network namespaces don't see it. Throws UserError when another process has it.
 */
export async function lockPath(path: string, refusal: LockRefusal): Promise<() => Promise<void>> {
  const { dev, ino } = await stat(path, { bigint: true });
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const { message, code, hint } = refusal;
      reject(error.code === "EADDRINUSE" ? new UserError(message, { code, file: path, hint }) : error);
    });
    server.listen(`\0falco-efk-${dev}-${ino}`, resolve);
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}
