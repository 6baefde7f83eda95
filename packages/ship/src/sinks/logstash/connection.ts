import { openSocket, type SocketTarget } from "../open-socket.ts";
import { ACK_BYTES, decodeAck, encodeWindow } from "./frames.ts";

export interface LumberjackTarget extends SocketTarget {
  readonly compressionLevel: number;
}

/** An open connection to a Lumberjack receiver. */
export interface LumberjackConnection {
  /** Sends one window and waits until all of it is acknowledged. `acknowledged` hears of every partial acknowledgement. */
  send(events: readonly Buffer[], acknowledged: (count: number) => void): Promise<void>;
  close(): void;
}

/** Connects, over TLS when `ssl` is set. Rejects with the reason. */
export async function connectLumberjack(target: LumberjackTarget): Promise<LumberjackConnection> {
  const socket = await openSocket(target);
  socket.setNoDelay(true);
  let waiter: { resolve: () => void; reject: (error: Error) => void } | null = null;
  let received = Buffer.alloc(0);
  let failure: Error | null = null;
  const fail = (error: Error): void => {
    failure ??= error;
    waiter?.reject(failure);
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the connection was closed")));
  socket.on("timeout", () => socket.destroy(new Error(`no acknowledgement within ${target.timeoutMs} ms`)));
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    waiter?.resolve();
  });
  const nextAck = async (): Promise<number> => {
    while (received.length < ACK_BYTES) {
      if (failure !== null) throw failure;
      await new Promise<void>((resolve, reject) => {
        waiter = { resolve, reject };
      });
      waiter = null;
    }
    const ack = decodeAck(received.subarray(0, ACK_BYTES));
    received = received.subarray(ACK_BYTES);
    if (ack === null) throw new Error("the other side doesn't speak Lumberjack v2");
    return ack;
  };
  return {
    async send(events, acknowledged) {
      // Any byte from the other side, a keepalive (acknowledgement 0) included, starts the time anew.
      socket.setTimeout(target.timeoutMs);
      socket.write(encodeWindow(events, target.compressionLevel));
      for (let last = 0; last < events.length; ) {
        const ack = await nextAck();
        if (ack > events.length) throw new Error(`acknowledgement ${ack} of ${events.length} events`);
        if (ack <= last) continue;
        last = ack;
        acknowledged(ack);
      }
      socket.setTimeout(0);
    },
    close: () => void socket.destroy(),
  };
}
