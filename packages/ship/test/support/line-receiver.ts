import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { CertificateFiles } from "./certificates.ts";

/** What a receiver does to a request instead of taking it. */
export type LineFault =
  | { readonly status: number; readonly body?: string; readonly retryAfter?: string }
  | "cut"
  | "silence";

/** A receiver of newline-delimited JSON over HTTP or HTTPS, as Logz.io's bulk listener. */
export interface LineReceiver {
  readonly url: string;
  readonly lines: string[];
  /** Of each request. */
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly bytes: number }[];
  fault: (lines: readonly string[], request: number) => LineFault | null;
  close(): Promise<void>;
}

/** Starts a receiver on a free port; with certificate files it speaks HTTPS. */
export async function startLineReceiver(files?: CertificateFiles): Promise<LineReceiver> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    take(receiver, request, response).catch(() => request.socket.destroy());
  };
  const server =
    files === undefined
      ? createServer(handle)
      : createSecureServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) }, handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: LineReceiver = {
    url: `http${files === undefined ? "" : "s"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines: [],
    requests: [],
    fault: () => null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

async function take(receiver: LineReceiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.method === "HEAD") {
    response.writeHead(405).end();
    return;
  }
  const raw = Buffer.concat(chunks);
  const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
  const lines = body.toString("utf8").split("\n");
  if (lines.pop() !== "") throw new Error("the body doesn't end with a line break");
  receiver.requests.push({ path: request.url ?? "", headers: request.headers, bytes: body.length });
  const fault = receiver.fault(lines, receiver.requests.length);
  if (fault === "cut") request.socket.destroy();
  else if (fault !== null && fault !== "silence") {
    response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter });
    response.end(fault.body ?? "");
  } else if (fault === null) {
    receiver.lines.push(...lines);
    response.end();
  }
}
