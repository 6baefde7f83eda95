import type { IncomingMessage, ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { type Listening, listenOn } from "./listening.ts";

export interface OperationsServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Served at `/metrics` in Prometheus' text form. */
  readonly registry?: Registry;
  /** Served as JSON at its path, such as `/stats`. Called for each request. */
  readonly json?: Readonly<Record<string, () => unknown | Promise<unknown>>>;
  /** `/healthz`: null is healthy, a text is the reason it's not. */
  readonly health?: () => string | null;
  /** Asked before anything else; true when it has answered the request itself. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}

/** Serves a program's `/healthz`, `/metrics` and JSON pages. Throws UserError (`LISTEN`) when the address can't be had. */
export async function serveOperations(options: OperationsServerOptions): Promise<Listening> {
  // An import of node:http makes all it exports, Node's own client of the web among it: 14 MB for programs without a server.
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  return listenOn(server, options.host, options.port);
}

async function answer(
  options: OperationsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if ((await options.handle?.(request, response)) === true) return;
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const json = options.json?.[path];
  if (json !== undefined) {
    sendJson(response, 200, await json());
  } else if (path === "/healthz") {
    const reason = options.health?.() ?? null;
    sendJson(response, reason === null ? 200 : 503, reason === null ? { status: "ok" } : { status: "failing", reason });
  } else if (path === "/metrics" && options.registry !== undefined) {
    response.writeHead(200, { "content-type": options.registry.contentType });
    response.end(await options.registry.metrics());
  } else {
    sendJson(response, 404, { error: "not found" });
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
