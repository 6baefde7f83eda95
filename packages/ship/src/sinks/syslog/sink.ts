import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { hostname } from "node:os";
import { UserError } from "@falco-efk/kit";
import type { Batch } from "../../batch.ts";
import type { OutputWaits, SyslogOutputConfig } from "../../config/config.ts";
import { Backoff } from "../backoff.ts";
import { openSocket, parseHostPort, type SocketTarget } from "../open-socket.ts";
import type { RejectedRecord, Sink, SinkContext, SinkWaits } from "../sink.ts";
import { frameMessage, type SyslogHeader, syslogMessage } from "./message.ts";
import { createSyslogStream, type SyslogStream } from "./stream.ts";

export type SyslogSinkOptions = Omit<SyslogOutputConfig, keyof OutputWaits> & SinkWaits;

/** What a UDP datagram holds over IPv4. */
const DATAGRAM_BYTES = 65_507;

/**
 * Sends RFC 5424 messages. Over TCP and TLS at least once while `confirm` is on; without it, what is on its way when a
 * connection breaks may be lost. Over UDP at most once: nobody can know what arrived.
 */
export class SyslogSink implements Sink {
  readonly name = "syslog";
  readonly #options: SyslogSinkOptions;
  readonly #context: SinkContext;
  readonly #target: SocketTarget;
  readonly #header: SyslogHeader;
  readonly #stream: SyslogStream;
  #datagrams: DatagramSocket | null = null;

  constructor(options: SyslogSinkOptions, context: SinkContext) {
    this.#options = options;
    this.#context = context;
    const { protocol, ssl, timeoutMs, facility, app_name: appName } = options;
    const { host, port } = parseHostPort(options.host, protocol === "tls" ? 6514 : 514, "output.syslog.host");
    this.#target = { host, port, timeoutMs, ...(protocol === "tls" ? { ssl: ssl ?? {} } : {}) };
    this.#header = { facility, hostname: hostname(), appName };
    this.#stream = createSyslogStream(this.#target, options.confirm);
  }

  async deliver(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const { backoffInitialMs: initialMs, backoffMaximumMs: maximumMs, protocol } = this.#options;
    const { events, random } = this.#context;
    const backoff = new Backoff({ initialMs, maximumMs, random });
    const records = batches.flatMap((batch) => Array.from({ length: batch.count }, (_, index) => ({ batch, index })));
    const messages = records.map(({ batch, index }) => syslogMessage(batch, index, this.#header));
    const tooLong = protocol === "udp" ? records.filter((_, at) => (messages[at]?.length ?? 0) > DATAGRAM_BYTES) : [];
    for (;;) {
      try {
        if (protocol === "udp") await this.#sendDatagrams(messages);
        else await this.#stream.send(this.#framed(messages), signal);
        break;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const reason = `${this.#shown}: ${error instanceof Error ? error.message : String(error)}`;
        events.trouble(reason);
        events.retried(records.length, reason);
        await backoff.wait(signal);
      }
    }
    events.trouble(null);
    if (tooLong.length > 0) await this.#context.reject(tooLong.map(asTooLong));
    events.delivered(records.length - tooLong.length, 0, 0);
  }

  async check(): Promise<string> {
    if (this.#options.protocol === "udp") return `${this.#shown}: UDP, nobody answers`;
    try {
      (await openSocket(this.#target)).destroy();
    } catch (error) {
      throw new UserError(`${this.#shown}: ${error instanceof Error ? error.message : String(error)}`, {
        code: "OUTPUT",
        hint: "is the server up, and is ssl right?",
        cause: error,
      });
    }
    return `${this.#shown}: connected${this.#options.protocol === "tls" ? " over TLS" : ""}`;
  }

  async close(): Promise<void> {
    this.#stream.close();
    this.#datagrams?.close();
    this.#datagrams = null;
  }

  get #shown(): string {
    return `${this.#target.host}:${this.#target.port}`;
  }

  #framed(messages: readonly Buffer[]): Buffer {
    return Buffer.concat(messages.map((message) => frameMessage(message, this.#options.framing)));
  }

  async #sendDatagrams(messages: readonly Buffer[]): Promise<void> {
    const { host, port } = this.#target;
    if (this.#datagrams === null) {
      this.#datagrams = createSocket(isIPv6(host) ? "udp6" : "udp4");
      this.#datagrams.on("error", () => undefined);
    }
    const socket = this.#datagrams;
    for (const message of messages) {
      if (message.length > DATAGRAM_BYTES) continue;
      await new Promise<void>((resolve, reject) => {
        socket.send(message, port, host, (error) => (error === null ? resolve() : reject(error)));
      });
    }
  }
}

function asTooLong({ batch, index }: { readonly batch: Batch; readonly index: number }): RejectedRecord {
  return { batch, index, status: 0, reason: `longer than a UDP datagram (${DATAGRAM_BYTES} bytes)` };
}
