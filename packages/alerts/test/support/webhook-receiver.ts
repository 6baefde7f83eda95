import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** How the receiver answers a request: a status with headers, or never. */
export type Behaviour = { readonly status: number; readonly headers?: Record<string, string> } | "silence";

export interface WebhookReceiver {
  readonly url: string;
  readonly received: Received[];
  /** Answers to come, in order; 200 when there are none left. */
  readonly answers: Behaviour[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An HTTP server that takes messages as a chat's webhook does. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const answers: Behaviour[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) });
    const behaviour = answers.shift() ?? { status: 200 };
    if (behaviour === "silence") return;
    response.writeHead(behaviour.status, behaviour.headers).end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answers,
    close,
    [Symbol.asyncDispose]: close,
  };
}
