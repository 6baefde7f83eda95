import { createTroubleLog, type Logger } from "@falco-efk/kit";
import type { EngineConfig } from "../config/config.ts";
import { createFileDeliverer } from "./file.ts";
import type { AlertLine, ByteDeliverer, LineDeliverer, Output, OutputCounters } from "./output.ts";
import { createProgramDeliverer } from "./program.ts";
import { createQueuedOutput } from "./queued-output.ts";
import { createStdoutDeliverer } from "./stdout.ts";

/** Lines a queue holds when the configuration doesn't say (Falco's 0 means unbounded; here nothing is). */
export const DEFAULT_QUEUE_CAPACITY = 262_144;
const GATHER_MS = 1000;

export interface OutputsOptions {
  readonly log: Logger;
  /** Descriptor of the stdout output. */
  readonly stdout?: number;
  /** Told of each program that an output starts. */
  readonly onChild?: (pid: number) => void;
  /** Never gather lines (`-U`), whatever `buffered_outputs` says. */
  readonly unbuffered?: boolean;
  /** Bytes of text that each queue may hold at the moment, where there are so many. */
  readonly queueBytes: (outputs: number) => number;
}

/** All outputs that are turned on, each behind its own queue. */
export interface Outputs {
  push(line: AlertLine): void;
  flush(): void;
  /** Resolves once no output has more than `lines` queued. */
  drained(lines: number): Promise<void>;
  /** Most lines queued in any output. */
  backlog(): number;
  reopen(): void;
  counters(): Readonly<Record<string, OutputCounters>>;
  close(): Promise<void>;
}

/** Opens the outputs that the configuration turns on. Throws UserError when one can't be used; those opened before are closed again. */
export async function openOutputs(config: EngineConfig, options: OutputsOptions): Promise<Outputs> {
  const troubleLog = createTroubleLog(options.log);
  const trouble = (cause: string, message: string): void => troubleLog(cause, message);
  const outputs: Output[] = [];
  const add = (name: string, deliverer: LineDeliverer | ByteDeliverer): void => {
    outputs.push(
      createQueuedOutput(name, deliverer, {
        capacity: config.outputs_queue.capacity === 0 ? DEFAULT_QUEUE_CAPACITY : config.outputs_queue.capacity,
        mostBytes: () => options.queueBytes(outputs.length),
        trouble,
        gatherMs: config.buffered_outputs && options.unbuffered !== true ? GATHER_MS : 0,
      }),
    );
  };
  try {
    const onChild = options.onChild ?? (() => undefined);
    const echo = (text: string): void => void process.stdout.write(`${text}\n`);
    if (config.stdout_output.enabled) add("stdout", createStdoutDeliverer(options.stdout ?? 1));
    if (config.file_output.enabled) add("file", await createFileDeliverer(config.file_output));
    // Loaded only where they are used: TLS and the HTTP client take memory and a part of the start.
    if (config.syslog_output.enabled) {
      const { createSyslogDeliverer } = await import("./syslog.ts");
      add("syslog", createSyslogDeliverer(config.syslog_output, onChild));
    }
    if (config.program_output.enabled) add("program", createProgramDeliverer(config.program_output, onChild));
    if (config.http_output.enabled) {
      const { createHttpDeliverer } = await import("./http.ts");
      add("http", createHttpDeliverer(config.http_output, { json: config.json_output, echo }));
    }
  } catch (error) {
    await Promise.all(outputs.map((output) => output.close(0)));
    throw error;
  }
  return {
    push(line) {
      for (const output of outputs) output.push(line);
    },
    flush() {
      for (const output of outputs) output.flush();
    },
    drained: async (lines) => void (await Promise.all(outputs.map((output) => output.drained(lines)))),
    backlog: () => outputs.reduce((most, output) => Math.max(most, output.counters().queued), 0),
    reopen() {
      for (const output of outputs) output.reopen();
    },
    counters: () => Object.fromEntries(outputs.map((output) => [output.name, output.counters()])),
    close: async () => void (await Promise.all(outputs.map((output) => output.close(config.output_timeout)))),
  };
}

const OUTPUT_KEYS = [
  "stdout_output",
  "file_output",
  "syslog_output",
  "program_output",
  "http_output",
  "outputs_queue",
  "buffered_outputs",
  "output_timeout",
  "json_output",
] as const;

/** True when two configurations ask for the same outputs, so that a reload can keep those that are open. */
export function sameOutputs(a: EngineConfig, b: EngineConfig): boolean {
  return OUTPUT_KEYS.every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));
}
