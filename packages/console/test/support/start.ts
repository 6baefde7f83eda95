import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Console, type ConsoleOptions, startConsole } from "@falco-efk/console";

/** What a listening stand-in for Elasticsearch was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly authorization: string | undefined;
}

export interface StandIn {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

/** A server that keeps every request and answers each with the same bytes. */
export async function standIn(answer: string): Promise<StandIn> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      asked.push({
        method: request.method ?? "",
        path: request.url ?? "",
        body,
        authorization: request.headers.authorization,
      });
      response.writeHead(200, { "content-type": "application/json" }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

export interface Started {
  readonly console: Console;
  readonly dataDir: string;
  /** Calls a path with `kbn-xsrf` and JSON, as Kibana's clients do. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** A console over a folder of its own, with a page of one line. */
export async function start(options: Partial<ConsoleOptions> = {}): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), "falco-console-"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>page</title>");
  const dataDir = options.dataDir ?? join(folder, "data");
  const console = await startConsole({
    elasticsearchUrl: "http://127.0.0.1:9",
    port: 0,
    pageDirectory: folder,
    ...options,
    dataDir,
  });
  return {
    console,
    dataDir,
    call: (method, path, body, headers = {}) =>
      fetch(`${console.url}${path}`, {
        method,
        redirect: "manual",
        headers: {
          "kbn-xsrf": "test",
          ...(body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
      }),
    close: async () => {
      await console.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An export file as a multipart form. */
export function upload(text: string, name = "export.ndjson"): FormData {
  const form = new FormData();
  form.append("file", new Blob([text]), name);
  return form;
}
