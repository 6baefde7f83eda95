import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { listenError, webUrl } from "@falco-efk/kit";
import { parseEvent } from "../processors/event.ts";
import { type Spool, SpoolFullError } from "./spool.ts";

/** A running input. */
export interface RunningInput {
  /** Where it listens, or a word for what it reads. */
  readonly address: string;
  close(): Promise<void>;
}

const MAX_BODY = 32 << 20;

/**
 * Takes what Falco's `http_output` sends: one alert, an array of them, or one a line. The answer comes when they are on disk.
 * Throws UserError (`LISTEN`).
 */
export async function startHttpInput(host: string, port: number, spool: Spool): Promise<RunningInput> {
  const server = createServer((request, response) => {
    handle(request, response, spool).catch((error: unknown) => {
      const full = error instanceof SpoolFullError;
      answer(response, full ? 503 : 500, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  return {
    address: webUrl("http", host, (server.address() as AddressInfo).port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, spool: Spool): Promise<void> {
  if (request.method !== "POST" && request.method !== "PUT") {
    answer(response, 405, { error: "send alerts with POST" });
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) {
      answer(response, 413, { error: `a body has at most ${MAX_BODY} bytes` });
      return;
    }
    chunks.push(chunk as Buffer);
  }
  const raw = Buffer.concat(chunks);
  const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw, { maxOutputLength: MAX_BODY }) : raw;
  const lines = splitAlerts(body.toString("utf8"));
  if (lines === null) {
    answer(response, 400, { error: "the body is neither a JSON object, nor an array of them, nor one a line" });
    return;
  }
  if (lines.length > 0) await spool.append(Buffer.from(`${lines.join("\n")}\n`));
  answer(response, 200, { accepted: lines.length });
}

/** The alerts of a body as lines, or null when it isn't JSON. Large integers keep their digits. */
export function splitAlerts(body: string): string[] | null {
  const lines = body.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (!body.trimStart().startsWith("[") && lines.every(isObjectText)) return lines;
  try {
    const value: unknown = parseEvent(body);
    if (Array.isArray(value)) return value.map((item) => JSON.stringify(item));
    return [JSON.stringify(value)];
  } catch {
    return null;
  }
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
