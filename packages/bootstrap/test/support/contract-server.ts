import { createServer, type IncomingMessage } from "node:http";
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

/** Serves `handle` on a free port; a throw inside becomes a 500 and fails the test that looks at the answer. */
export async function startContractServer(
  handle: (request: ContractRequest) => ContractAnswer,
  headers: Readonly<Record<string, string>>,
): Promise<ContractServer> {
  const calls: string[] = [];
  const server = createServer(async (incoming, response) => {
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
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
