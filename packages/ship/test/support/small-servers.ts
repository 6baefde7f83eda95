import { createSocket, type Socket } from "node:dgram";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** A server that a test answers for. */
export interface SmallServer {
  readonly url: string;
  /** Method and path of every request, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** An HTTP server on a free port, on the socket file `at`, or with a certificate. */
export async function startHttpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: { readonly at?: string; readonly tls?: { readonly cert: Buffer; readonly key: Buffer } } = {},
): Promise<SmallServer> {
  const asked: string[] = [];
  const listen: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  };
  const server: Server = options.tls === undefined ? createServer(listen) : createTlsServer(options.tls, listen);
  await new Promise<void>((resolve) => server.listen(options.at ?? { port: 0, host: "127.0.0.1" }, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url:
      options.at === undefined
        ? `http${options.tls === undefined ? "" : "s"}://127.0.0.1:${port}`
        : `unix://${options.at}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** A name server that knows the pointers in `names` (by the whole name asked for) and nothing else. */
export interface NameServer {
  readonly address: string;
  readonly asked: string[];
  /** While true it answers nothing at all. */
  silent: boolean;
  close(): void;
}

const PTR = 12;
const NO_SUCH_NAME = 3;

/** Starts a name server on UDP. */
export async function startNameServer(names: Readonly<Record<string, string>>): Promise<NameServer> {
  const socket: Socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const server: NameServer = {
    address: `127.0.0.1:${socket.address().port}`,
    asked: [],
    silent: false,
    close: () => socket.close(),
  };
  socket.on("message", (query, from) => {
    const { name, end } = readName(query, 12);
    server.asked.push(name);
    if (server.silent) return;
    const question = query.subarray(12, end + 4);
    const found = names[name];
    const header = Buffer.alloc(12);
    header.writeUInt16BE(query.readUInt16BE(0), 0);
    header.writeUInt16BE(0x8180 | (found === undefined ? NO_SUCH_NAME : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found === undefined ? 0 : 1, 6);
    socket.send(Buffer.concat([header, question, ...(found === undefined ? [] : [pointer(found)])]), from.port);
  });
  return server;
}

function readName(bytes: Buffer, from: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = from;
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) {
    labels.push(bytes.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join("."), end: at + 1 };
}

function pointer(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const data = Buffer.concat([...labels, Buffer.of(0)]);
  const head = Buffer.alloc(12);
  // The name asked for stands at byte 12 of the message.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(PTR, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
