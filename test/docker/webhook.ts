import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Slack's side of an incoming webhook: takes messages and says `ok`. */
export interface Webhook {
  readonly port: number;
  readonly messages: readonly string[];
  close(): void;
}

/** Listens on every address: containers reach the host by the address of their bridge. */
export async function startWebhook(): Promise<Webhook> {
  const messages: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      messages.push(body);
      response.end("ok");
    });
  }).listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, messages, close: () => server.close() };
}
