import { UserError } from "@falco-efk/kit";
import type { Batch } from "../../batch.ts";
import type { LogstashOutputConfig, OutputWaits } from "../../config/config.ts";
import { Backoff } from "../backoff.ts";
import { parseHostPort } from "../open-socket.ts";
import type { Sink, SinkContext, SinkWaits } from "../sink.ts";
import { stampRecord } from "../stamp.ts";
import { connectLumberjack, type LumberjackConnection, type LumberjackTarget } from "./connection.ts";

export interface LogstashSinkOptions extends Omit<LogstashOutputConfig, keyof OutputWaits>, SinkWaits {
  /** Ours, told to the receiver. */
  readonly version: string;
}

const DEFAULT_PORT = 5044;
const HOSTS_KEY = "output.logstash.hosts";

/** Delivers over Lumberjack v2. At least once: what wasn't acknowledged when a connection ends is sent again. */
export class LogstashSink implements Sink {
  readonly name = "logstash";
  readonly #options: LogstashSinkOptions;
  readonly #context: SinkContext;
  readonly #metadata: string;
  #connection: LumberjackConnection | null = null;
  #host: number;

  constructor(options: LogstashSinkOptions, context: SinkContext) {
    this.#options = options;
    this.#context = context;
    this.#host = Math.floor(context.random() * options.hosts.length);
    const { index: beat, version } = options;
    this.#metadata = `"@metadata":${JSON.stringify({ beat, version, type: "_doc" })},`;
    for (const host of options.hosts) parseHostPort(host, DEFAULT_PORT, HOSTS_KEY);
  }

  async deliver(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const events = batches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, index) => stampRecord(batch, index, this.#metadata)),
    );
    const { backoffInitialMs: initialMs, backoffMaximumMs: maximumMs, bulk_max_size: size } = this.#options;
    const backoff = new Backoff({ initialMs, maximumMs, random: this.#context.random });
    let sent = 0;
    while (sent < events.length) {
      try {
        this.#connection ??= await connectLumberjack(this.#target());
        const window = events.slice(sent, sent + size);
        const before = sent;
        await this.#connection.send(window, (count) => {
          this.#context.events.delivered(before + count - sent, 0, 0);
          sent = before + count;
        });
        this.#context.events.trouble(null);
        backoff.reset();
      } catch (error) {
        this.#connection?.close();
        this.#connection = null;
        const reason = `${this.#options.hosts[this.#host]}: ${error instanceof Error ? error.message : String(error)}`;
        // Another host next time.
        this.#host = (this.#host + 1) % this.#options.hosts.length;
        if (signal.aborted) throw signal.reason;
        this.#context.events.trouble(reason);
        this.#context.events.retried(events.length - sent, reason);
        await backoff.wait(signal);
      }
    }
  }

  async check(): Promise<string> {
    const target = this.#target();
    try {
      const connection = await connectLumberjack(target);
      connection.close();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`${target.host}:${target.port}: ${reason}`, {
        code: "OUTPUT",
        hint: "is the server up, and is ssl right?",
        cause: error,
      });
    }
    return `${target.host}:${target.port}: connected${this.#options.ssl === undefined ? "" : " over TLS"}`;
  }

  async close(): Promise<void> {
    this.#connection?.close();
    this.#connection = null;
  }

  #target(): LumberjackTarget {
    const { ssl, timeoutMs, compression_level: compressionLevel } = this.#options;
    return {
      ...parseHostPort(this.#options.hosts[this.#host] ?? "", DEFAULT_PORT, HOSTS_KEY),
      ...(ssl === undefined ? {} : { ssl }),
      timeoutMs,
      compressionLevel,
    };
  }
}
