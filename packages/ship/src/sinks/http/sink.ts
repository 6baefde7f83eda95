import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "@falco-efk/kit";
import type { Batch } from "../../batch.ts";
import type { HttpOutputConfig, OutputWaits } from "../../config/config.ts";
import { Backoff } from "../backoff.ts";
import type { Sink, SinkContext, SinkWaits } from "../sink.ts";
import { createPoster, type HttpPoster } from "./post.ts";
import { type HttpRecord, requestBody, requestsOf } from "./requests.ts";
import { type HttpVerdict, judgeHttpAnswer } from "./verdict.ts";

export interface HttpSinkOptions
  extends Omit<HttpOutputConfig, keyof OutputWaits | "bulk_max_bytes" | "worker">,
    SinkWaits {
  /** Bytes of one request before compression. */
  readonly maxBytes: number;
}

/**
 * Posts records as newline-delimited JSON, as Logz.io's bulk listener and many others take them. At least once: an answer that
 * is lost, or a request of which the receiver took a part, leads to records being sent again.
 */
export class HttpSink implements Sink {
  readonly name = "http";
  readonly #options: HttpSinkOptions;
  readonly #context: SinkContext;
  readonly #poster: HttpPoster;
  /** The address as it may be shown: the query holds the token. */
  readonly #shown: string;

  constructor(options: HttpSinkOptions, context: SinkContext) {
    this.#options = options;
    this.#context = context;
    const url = parseUrl(options.url);
    this.#shown = `${url.origin}${url.pathname}`;
    for (const [name, value] of Object.entries(options.parameters ?? {})) url.searchParams.set(name, value);
    const { username, password, ssl } = options;
    const basic = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
    this.#poster = createPoster({
      url,
      headers: { ...(username === undefined ? {} : { authorization: `Basic ${basic}` }), ...options.headers },
      compressionLevel: options.compression_level,
      timeoutMs: options.timeoutMs,
      ...(ssl === undefined ? {} : { ssl }),
    });
  }

  async deliver(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const { maxBytes, bulk_max_size: maxRecords } = this.#options;
    for (const request of requestsOf(batches, { maxBytes, maxRecords })) await this.#settle(request, signal);
  }

  async check(): Promise<string> {
    const failed = (reason: string, cause?: unknown): UserError =>
      new UserError(`${this.#shown}: ${reason}`, {
        code: "OUTPUT",
        hint: "are url, token, headers and ssl right?",
        cause,
      });
    const answer = await this.#poster
      .send("HEAD", Buffer.alloc(0), new AbortController().signal)
      .catch((error: unknown) => {
        throw failed(reasonOf(error), error);
      });
    // Receivers of logs mostly know POST alone, so any other status only says that somebody is there.
    if (answer.status === 401 || answer.status === 403) throw failed(`status ${answer.status}`);
    return `${this.#shown}: answers (status ${answer.status} to HEAD)`;
  }

  async close(): Promise<void> {
    this.#poster.close();
  }

  /** Sends records until each is accepted or among the dead letters. */
  async #settle(records: readonly HttpRecord[], signal: AbortSignal): Promise<void> {
    const { backoffInitialMs: initialMs, backoffMaximumMs: maximumMs } = this.#options;
    const { events, random } = this.#context;
    const backoff = new Backoff({ initialMs, maximumMs, random });
    const body = requestBody(records);
    for (;;) {
      const verdict = await this.#send(body, signal);
      if (verdict.kind === "retry") {
        events.trouble(verdict.reason);
        events.retried(records.length, verdict.reason);
        await delay(Math.max(verdict.waitMs, backoff.next()), undefined, { signal });
        continue;
      }
      events.trouble(null);
      if (verdict.kind === "delivered") events.delivered(records.length, 0, body.length);
      else if (verdict.kind === "refused" || records.length === 1) await this.#reject(records, verdict.reason);
      else {
        const middle = records.length >> 1;
        await this.#settle(records.slice(0, middle), signal);
        await this.#settle(records.slice(middle), signal);
      }
      return;
    }
  }

  async #send(body: Buffer, signal: AbortSignal): Promise<HttpVerdict> {
    try {
      return judgeHttpAnswer(await this.#poster.send("POST", body, signal), Date.now());
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return { kind: "retry", reason: `${this.#shown}: ${reasonOf(error)}`, waitMs: 0 };
    }
  }

  #reject(records: readonly HttpRecord[], reason: string): Promise<void> {
    const status = Number(/^status (\d+)/.exec(reason)?.[1] ?? 0);
    return this.#context.reject(records.map(({ batch, index }) => ({ batch, index, status, reason })));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function parseUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new UserError("is not an address", {
    code: "OUTPUT_HOST",
    key: "output.http.url",
    hint: "such as https://listener.logz.io:8071",
  });
}
