import { once } from "node:events";
import type { Socket } from "node:net";
import { openSocket, type SocketTarget } from "../open-socket.ts";

/** Carries framed messages to a receiver over TCP or TLS. */
export interface SyslogStream {
  /** Resolves when the bytes are delivered, as far as that can be known; rejects when they may not be. */
  send(bytes: Buffer, signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * Syslog has no acknowledgement. With `confirm` each stretch has a connection of its own that we end; the receiver closes its
 * side when it has read to the end, which is the confirmation. Without it, delivered means handed to this machine's kernel.
 */
export function createSyslogStream(target: SocketTarget, confirm: boolean): SyslogStream {
  let kept: Socket | null = null;
  const connect = async (): Promise<Socket> => {
    const socket = await openSocket(target);
    socket.on("error", () => undefined);
    // What a receiver says is of no interest, but reading is how its end is seen.
    socket.resume();
    return socket;
  };
  return {
    async send(bytes, signal) {
      const socket = kept !== null && !kept.destroyed && !kept.readableEnded ? kept : await connect();
      kept = confirm ? null : socket;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(target.timeoutMs)]);
      const abort = (): void => void socket.destroy(new Error(`not confirmed within ${target.timeoutMs} ms`));
      limit.addEventListener("abort", abort, { once: true });
      try {
        if (confirm) await sendAndFinish(socket, bytes);
        else await write(socket, bytes);
      } catch (error) {
        kept = null;
        socket.destroy();
        throw error;
      } finally {
        limit.removeEventListener("abort", abort);
      }
    },
    close() {
      kept?.destroy();
      kept = null;
    },
  };
}

async function sendAndFinish(socket: Socket, bytes: Buffer): Promise<void> {
  const ended = once(socket, "end");
  const closed = once(socket, "close").then(() => {
    throw new Error(socket.errored?.message ?? "the connection was closed");
  });
  ended.catch(() => undefined);
  closed.catch(() => undefined);
  let finished = false;
  socket.end(bytes, () => {
    finished = true;
  });
  await Promise.race([ended, closed]);
  // An end that comes before all was written confirms nothing.
  if (!finished) throw new Error("the receiver ended the connection early");
  socket.destroy();
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("close", () => reject(new Error(socket.errored?.message ?? "the connection was closed")));
    socket.write(bytes, (error) => (error == null ? resolve() : reject(error)));
  });
}
