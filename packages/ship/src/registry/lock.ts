import { stat } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { UserError } from "@falco-efk/kit";

/** A held lock; the kernel takes it back when the process ends, however it ends. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes a directory for this process alone. The lock is a socket in Linux's abstract namespace, so a `kill -9` leaves nothing
 * behind. Throws UserError (`REGISTRY_LOCKED`) when another process has it.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const { dev, ino } = await stat(directory, { bigint: true });
  const server: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new UserError("is in use by another falco-ship", {
              code: "REGISTRY_LOCKED",
              file: directory,
              hint: "stop it first, or give this one another registry.path",
            })
          : error,
      ),
    );
    server.listen(`\0falco-ship-${dev}-${ino}`, resolve);
  });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}
