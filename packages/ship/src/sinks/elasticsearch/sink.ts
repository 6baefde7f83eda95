import { UserError } from "@falco-efk/kit";
import type { Batch } from "../../batch.ts";
import { Backoff } from "../backoff.ts";
import type { RejectedRecord, Sink, SinkContext, SinkWaits } from "../sink.ts";
import { BodyBuffers } from "./body-buffers.ts";
import { type BulkClient, type BulkServer, createClient, type ElasticsearchConnection } from "./client.ts";
import { BulkEncoder, type Pick } from "./encoder.ts";
import { compileIndexPattern } from "./index-pattern.ts";
import { judgeAnswer, judgeFailure, type Verdict } from "./verdict.ts";

export interface ElasticsearchSinkOptions extends ElasticsearchConnection, SinkWaits {
  /** Index name, such as `logstash-%{+yyyy.MM.dd}`. */
  readonly index: string;
  /** Ingest pipeline. */
  readonly pipeline?: string;
}

/** After so many timeouts one after the other a request is taken for too large for its time and sent in halves, */
const PATIENCE = 3;
/** unless it has no more records than these: then it's not its size. */
const SMALL_REQUEST = 100;

/** What a server answers to `GET /`. */
interface ServerInfo {
  readonly name: string;
  readonly cluster_name: string;
  readonly version: { readonly number: string; readonly distribution?: string; readonly build_flavor?: string };
}

/** Delivers by `_bulk` with operation `create` and fixed ids, so that sending again changes nothing. */
export class ElasticsearchSink implements Sink {
  readonly name: BulkServer;
  readonly #options: ElasticsearchSinkOptions;
  readonly #context: SinkContext;
  readonly #client: BulkClient;
  readonly #encoder: BulkEncoder;
  readonly #buffers = new BodyBuffers();

  constructor(options: ElasticsearchSinkOptions, context: SinkContext, kind: BulkServer = "elasticsearch") {
    this.name = kind;
    this.#options = options;
    this.#context = context;
    this.#client = createClient(options, kind);
    this.#encoder = new BulkEncoder(compileIndexPattern(options.index));
  }

  async deliver(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const target = this.#buffers.take(this.#encoder.size(batches));
    const length = this.#encoder.encode(batches, target);
    const count = batches.reduce((sum, batch) => sum + batch.count, 0);
    const verdict = await this.#send(target.subarray(0, length), count, signal);
    // After a failure the socket may still hold on to the bytes, so the buffer isn't used again.
    if (verdict.kind === "delivered" || verdict.kind === "items") this.#buffers.give(target);
    if (verdict.kind === "delivered") {
      this.#context.events.trouble(null);
      this.#context.events.delivered(count, verdict.duplicates, length);
      return;
    }
    await this.#settle(allPicks(batches), verdict, signal);
  }

  async check(): Promise<string> {
    try {
      const info = await this.#client.transport.request<ServerInfo>(
        { method: "GET", path: "/" },
        { requestTimeout: 10_000 },
      );
      const { distribution, build_flavor: flavor, number } = info.version;
      return `${info.name}: ${distribution ?? flavor ?? this.name} ${number}, cluster ${info.cluster_name}`;
    } catch (error) {
      const verdict = judgeFailure(error);
      const reason = "reason" in verdict ? verdict.reason : "";
      throw new UserError(`${this.#options.hosts.join(", ")}: ${reason}`, {
        code: "OUTPUT",
        hint: "is the server up, and are hosts, credentials and ssl right?",
        cause: error,
      });
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Works through what the first answer left, until every record is delivered or rejected. */
  async #settle(picks: readonly Pick[], first: Verdict, signal: AbortSignal): Promise<void> {
    const { initialMs, maximumMs } = {
      initialMs: this.#options.backoffInitialMs,
      maximumMs: this.#options.backoffMaximumMs,
    };
    const backoff = new Backoff({ initialMs, maximumMs, random: this.#context.random });
    let left = picks;
    let verdict = first;
    let timeouts = 0;
    for (;;) {
      if (verdict.kind === "delivered") {
        this.#context.events.trouble(null);
        this.#context.events.delivered(left.length, verdict.duplicates, 0);
        return;
      }
      if (verdict.kind === "split") return this.#split(left, verdict.status, verdict.reason, signal);
      if (verdict.kind === "items") {
        left = await this.#sort(left, verdict);
        if (left.length === 0) return;
      } else {
        this.#context.events.trouble(verdict.reason);
        this.#context.events.retried(left.length, verdict.reason);
        timeouts = verdict.timedOut === true ? timeouts + 1 : 0;
        if (timeouts === PATIENCE && left.length > SMALL_REQUEST) return this.#halve(left, signal);
      }
      await backoff.wait(signal);
      verdict = await this.#sendPicks(left, signal);
    }
  }

  /** Answers the records to be sent again; the rest is done with. */
  async #sort(picks: readonly Pick[], verdict: Extract<Verdict, { kind: "items" }>): Promise<readonly Pick[]> {
    const again: Pick[] = [];
    const rejected: RejectedRecord[] = [];
    let duplicates = 0;
    let reason = "";
    verdict.items.forEach((item, at) => {
      const pick = picks[at];
      if (pick === undefined) return;
      if (item.outcome === "duplicate") duplicates += 1;
      if (item.outcome === "rejected") rejected.push({ ...pick, status: item.status, reason: item.reason });
      if (item.outcome !== "retry") return;
      again.push(pick);
      reason = item.reason;
    });
    if (rejected.length > 0) await this.#context.reject(rejected);
    const { events } = this.#context;
    const delivered = picks.length - again.length - rejected.length;
    events.delivered(delivered, duplicates, 0);
    if (again.length > 0) events.retried(again.length, reason);
    events.trouble(delivered + rejected.length === 0 ? reason : null);
    return again;
  }

  async #split(picks: readonly Pick[], status: number, reason: string, signal: AbortSignal): Promise<void> {
    const [only] = picks;
    if (picks.length === 1 && only !== undefined) {
      await this.#context.reject([{ ...only, status, reason }]);
      return;
    }
    await this.#halve(picks, signal);
  }

  async #halve(picks: readonly Pick[], signal: AbortSignal): Promise<void> {
    const middle = picks.length >> 1;
    for (const half of [picks.slice(0, middle), picks.slice(middle)]) {
      if (half.length > 0) await this.#settle(half, await this.#sendPicks(half, signal), signal);
    }
  }

  async #sendPicks(picks: readonly Pick[], signal: AbortSignal): Promise<Verdict> {
    const batches = [...new Set(picks.map((pick) => pick.batch))];
    const target = Buffer.allocUnsafeSlow(this.#encoder.size(batches));
    return this.#send(target.subarray(0, this.#encoder.encodePicks(picks, target)), picks.length, signal);
  }

  async #send(body: Buffer, count: number, signal: AbortSignal): Promise<Verdict> {
    const { pipeline } = this.#options;
    try {
      const answer = await this.#client.transport.request(
        {
          method: "POST",
          path: "/_bulk",
          querystring: {
            filter_path: "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by",
            ...(pipeline === undefined ? {} : { pipeline }),
          },
          bulkBody: body as unknown as string,
        },
        { signal },
      );
      return judgeAnswer(answer, count);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return judgeFailure(error);
    }
  }
}

function allPicks(batches: readonly Batch[]): Pick[] {
  return batches.flatMap((batch) => Array.from({ length: batch.count }, (_, index) => ({ batch, index })));
}
