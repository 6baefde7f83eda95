import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type TlsSettings, tlsOptions } from "../tls.ts";
import type { HttpAnswer } from "./verdict.ts";

/** Where and how records are posted. */
export interface HttpTarget {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** 0 is off, 1 to 9 gzip. */
  readonly compressionLevel: number;
  /** For one request, ms. */
  readonly timeoutMs: number;
  readonly ssl?: TlsSettings;
}

/** Sends requests over connections that are kept. */
export interface HttpPoster {
  /** Rejects when there is no answer: refused, cut, late, or the certificate isn't trusted. */
  send(method: "POST" | "HEAD", body: Buffer, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

const compress = promisify(gzip);
const ANSWER_BYTES = 65_536;

/** Makes a poster. Throws UserError (`TLS_FILE`). */
export function createPoster(target: HttpTarget): HttpPoster {
  const secure = target.url.protocol === "https:";
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, ...(target.ssl === undefined ? {} : tlsOptions(target.ssl)) })
    : new HttpAgent({ keepAlive: true });
  const request = secure ? requestHttps : requestHttp;
  return {
    async send(method, plain, signal) {
      const packed = target.compressionLevel > 0 && plain.length > 0;
      const body = packed ? await compress(plain, { level: target.compressionLevel }) : plain;
      const headers = {
        "content-type": "application/x-ndjson",
        ...(packed ? { "content-encoding": "gzip" } : {}),
        "content-length": String(body.length),
        ...target.headers,
      };
      const timeout = AbortSignal.timeout(target.timeoutMs);
      try {
        return await new Promise<HttpAnswer>((resolve, reject) => {
          const options = { method, headers, agent, signal: AbortSignal.any([signal, timeout]) };
          const outgoing = request(target.url, options, (response) => {
            const chunks: Buffer[] = [];
            let size = 0;
            response.on("data", (chunk: Buffer) => {
              size += chunk.length;
              if (size <= ANSWER_BYTES) chunks.push(chunk);
            });
            response.on("error", reject);
            response.on("end", () => {
              const { statusCode: status = 0, headers: answered } = response;
              resolve({ status, retryAfter: answered["retry-after"], body: Buffer.concat(chunks).toString("utf8") });
            });
          });
          outgoing.on("error", reject);
          outgoing.end(body);
        });
      } catch (error) {
        if (timeout.aborted && !signal.aborted) throw new Error(`no answer within ${target.timeoutMs} ms`);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}
