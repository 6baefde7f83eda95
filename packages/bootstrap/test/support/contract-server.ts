import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface ContractRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  json(): unknown;
}

export interface ContractAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ContractServer {
  readonly url: string;
  /** `METHOD /path` of every request so far. */
  readonly calls: string[];
  close(): Promise<void>;
}

/** A certificate with its key, PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Serves `handle` on a free port, by https with `identity`; a throw inside becomes a 500 and fails the test that looks at the answer. */
export async function startContractServer(
  handle: (request: ContractRequest) => ContractAnswer,
  headers: Readonly<Record<string, string>>,
  identity?: Identity,
): Promise<ContractServer> {
  const calls: string[] = [];
  const listener: RequestListener = async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(incoming.url ?? "/", "http://localhost");
    const method = incoming.method ?? "GET";
    calls.push(`${method} ${url.pathname}`);
    let answer: ContractAnswer;
    try {
      answer = handle({
        method,
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: incoming.headers,
        body,
        json: () => JSON.parse(body.toString("utf8")),
      });
    } catch (error) {
      answer = { status: 500, body: { message: error instanceof Error ? error.message : String(error) } };
    }
    const text =
      answer.body === undefined ? "" : typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { "content-type": "application/json", ...headers, ...answer.headers });
    response.end(text);
  };
  const server = identity === undefined ? createServer(listener) : createTlsServer(identity, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http${identity === undefined ? "" : "s"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
