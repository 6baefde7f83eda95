import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { UserError } from "@falco-efk/kit";

/**
 * Holds a data directory for this process by an abstract socket, which the kernel frees however the process ends.
 * Throws `UserError` when another process holds it. Gives the function that lets it go.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const { dev, ino } = statSync(directory);
  const name = createHash("sha256").update(`${dev}:${ino}`).digest("hex").slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new UserError("another store has this data directory open", {
              code: "STORE_LOCKED",
              file: directory,
              hint: "stop it, or give another directory with --data",
            })
          : error,
      );
    });
    server.listen(`\0falco-store-${name}`, resolve);
  });
  server.unref();
  return () => closeServer(server);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
