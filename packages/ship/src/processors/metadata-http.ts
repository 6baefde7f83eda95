import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

/** What a metadata server is asked. */
export interface MetadataRequest {
  /** `http:`, `https:`; the host of a socket's URL is of no account. */
  readonly url: string;
  readonly socketPath?: string;
  readonly method?: "GET" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: MetadataTls;
  /** The whole answer has to be there in this time, ms; 0 for a stream that goes on. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface MetadataTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/** An answer with another status than 200. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number, body: string) {
    super(`HTTP ${status}${body === "" ? "" : `: ${body.trim().slice(0, 200)}`}`);
    this.status = status;
  }
}

const MOST_BYTES = 256 << 20;

/** The answer as text. Throws StatusError, or what the connection ended with. */
export async function fetchText(options: MetadataRequest): Promise<string> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const response = await open({ ...options, signal });
  return readAll(response);
}

/** The answer as JSON. Throws as `fetchText`, and for what isn't JSON. */
export async function fetchJson<T>(options: MetadataRequest): Promise<T> {
  return JSON.parse(await fetchText(options)) as T;
}

/** Reads an answer that goes on, line by line, until the other side or the signal ends it. */
export async function followLines(options: MetadataRequest, each: (line: string) => void): Promise<void> {
  const response = await open(options);
  let rest = "";
  response.setEncoding("utf8");
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") each(line);
  }
}

function open(options: MetadataRequest): Promise<IncomingMessage> {
  const { url, socketPath, method = "GET", headers, tls, signal } = options;
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, headers, signal, agent: false, ...(socketPath === undefined ? {} : { socketPath }), ...tls },
      (response) => {
        if (response.statusCode === 200) resolve(response);
        else readAll(response).then((body) => reject(new StatusError(response.statusCode ?? 0, body)), reject);
      },
    );
    sent.once("error", reject);
    sent.end();
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
