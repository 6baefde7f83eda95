import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

export interface MailReceiver {
  readonly port: number;
  readonly mails: string[];
  /** Answer to the next DATA instead of 250. */
  refusal: string | null;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A mail server that keeps what it's given. */
export async function startMailReceiver(): Promise<MailReceiver> {
  const mails: string[] = [];
  const receiver = { refusal: null as string | null };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let buffer = "";
    let inData = false;
    socket.write("220 receiver\r\n");
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      buffer += chunk.toString("utf8");
      for (;;) {
        const end = inData ? buffer.indexOf("\r\n.\r\n") : buffer.indexOf("\r\n");
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          if (receiver.refusal === null) mails.push(text);
          socket.write(`${receiver.refusal ?? "250 taken"}\r\n`);
          receiver.refusal = null;
        } else if (/^DATA/i.test(text)) {
          inData = true;
          socket.write("354 go on\r\n");
        } else {
          socket.write(/^QUIT/i.test(text) ? "221 bye\r\n" : "250 fine\r\n");
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(receiver, {
    port: (server.address() as AddressInfo).port,
    mails,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  });
}
