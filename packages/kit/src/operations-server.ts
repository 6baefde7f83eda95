import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { describeSystemError, UserError } from "./errors.ts";

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

export interface OperationsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a program's `/healthz`, `/metrics` and JSON pages. Throws UserError (`LISTEN`) when the address can't be had. */
export async function serveOperations(options: OperationsServerOptions): Promise<OperationsServer> {
  // An import of node:http makes all it exports, Node's own client of the web among it: 14 MB for programs without a server.
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, options.host, options.port)));
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The clear error for a port that can't be listened on. */
export function listenError(error: unknown, host: string, port: number): UserError {
  return new UserError(`can't listen on ${host}:${port}: ${describeSystemError(error)}`, {
    code: "LISTEN",
    hint: "stop what uses the port or choose another",
    cause: error,
  });
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
