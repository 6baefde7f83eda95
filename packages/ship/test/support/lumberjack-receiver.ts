import { readFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import { inflateSync } from "node:zlib";
import type { CertificateFiles } from "./certificates.ts";

/** A Lumberjack v2 receiver over TLS that can be slow and unreliable. */
export interface LumberjackReceiver {
  readonly port: number;
  readonly events: Record<string, unknown>[];
  /** Windows for which this is true are cut off after half their events were acknowledged. */
  cutWindow: (window: number) => boolean;
  close(): Promise<void>;
}

/** Starts a receiver. It sends a keepalive before each acknowledgement, and a partial one for windows of more than one event. */
export async function startLumberjackReceiver(files: CertificateFiles): Promise<LumberjackReceiver> {
  const sockets = new Set<Socket>();
  let windows = 0;
  const server = createServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    let buffered = Buffer.alloc(0);
    let expected = 0;
    socket.on("data", (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (;;) {
        if (buffered.length < 6) return;
        const type = String.fromCharCode(buffered[1] ?? 0);
        const value = buffered.readUInt32BE(2);
        if (type === "W") {
          expected = value;
          buffered = buffered.subarray(6);
          continue;
        }
        if (type !== "C") throw new Error(`frame ${type} outside a compressed one`);
        if (buffered.length < 6 + value) return;
        const events = readEvents(inflateSync(buffered.subarray(6, 6 + value)));
        buffered = buffered.subarray(6 + value);
        if (events.length !== expected) throw new Error(`${events.length} events in a window of ${expected}`);
        windows += 1;
        const half = events.length >> 1;
        socket.write(ack(0));
        if (receiver.cutWindow(windows)) {
          receiver.events.push(...events.slice(0, half));
          socket.end(ack(half));
          return;
        }
        receiver.events.push(...events);
        if (half > 0) socket.write(ack(half));
        socket.write(ack(events.length));
      }
    });
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: LumberjackReceiver = {
    port: (server.address() as AddressInfo).port,
    events: [],
    cutWindow: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return receiver;
}

function readEvents(frames: Buffer): Record<string, unknown>[] {
  const events: Record<string, unknown>[] = [];
  for (let at = 0; at < frames.length; ) {
    if (frames.toString("latin1", at, at + 2) !== "2J") throw new Error("not a JSON frame");
    if (frames.readUInt32BE(at + 2) !== events.length + 1) throw new Error("sequence numbers don't follow");
    const length = frames.readUInt32BE(at + 6);
    events.push(JSON.parse(frames.toString("utf8", at + 10, at + 10 + length)) as Record<string, unknown>);
    at += 10 + length;
  }
  return events;
}

function ack(sequence: number): Buffer {
  const frame = Buffer.from("2A\0\0\0\0", "latin1");
  frame.writeUInt32BE(sequence, 2);
  return frame;
}
