import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  createTroubleLog,
  describeSystemError,
  type Listening,
  type Logger,
  lockPath,
  serveOperations,
  UserError,
} from "@falco-efk/kit";
import type { InputConfig, ShipConfig } from "./config/config.ts";
import { durationMs } from "./config/duration.ts";
import { Redactor, secretsOf } from "./config/secrets.ts";
import { DeadLetters } from "./dead-letter/dead-letters.ts";
import { letterOfRefused, letterOfRejected } from "./dead-letter/letter.ts";
import { type ChosenLetters, type ReplayResult, replayLetters } from "./dead-letter/replay.ts";
import { Tailer } from "./harvester/tailer.ts";
import { tailerOptions } from "./harvester/tailer-options.ts";
import type { Intake } from "./harvester/tracked-file.ts";
import type { ShipperHooks } from "./hooks.ts";
import { SpooledInputs } from "./inputs/spooled-inputs.ts";
import { deadLetterRoutes } from "./operations/dead-letter-routes.ts";
import { processingIntake } from "./processors/processing-intake.ts";
import type { ProcessorContext } from "./processors/processor.ts";
import { createSteps } from "./processors/steps.ts";
import { createQueue, type QueueParts } from "./queue/create-queue.ts";
import { Gate } from "./registry/gate.ts";
import { Registry } from "./registry/registry.ts";
import { createSink } from "./sinks/create-sink.ts";
import type { Sink } from "./sinks/sink.ts";
import { ShipCounters, type ShipStats } from "./stats.ts";

/** `harvest` reads and queues, `work` takes from the queue and delivers; `both` does both. */
export type ShipperRole = "harvest" | "work" | "both";

/** A replay that was asked for over HTTP ends after this time, ms; what wasn't taken stays. */
const REPLAY_MS = 60_000;

/** What a shipper is given beside its configuration. */
export interface ShipperDeps extends ShipperHooks {
  /** `both` unless told otherwise; the others need a queue that other hosts can reach. */
  readonly role?: ShipperRole;
  readonly log: Logger;
  /** Takes secrets out of a text that is logged or told; those of the configuration unless told otherwise. */
  readonly hide?: (text: string) => string;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** A shipper that runs until it's stopped. */
export interface Shipper extends AsyncDisposable {
  /** Where `/stats`, `/metrics` and `/healthz` are, or null. */
  readonly url: string | null;
  stats(): ShipStats;
  /** Looks for new data at once. */
  scan(): Promise<void>;
  /** Stops reading, waits a while for what is under way, and closes. What isn't acknowledged is read again next time. */
  stop(): Promise<void>;
}

/** The file of dead letters that a configuration means. */
export function deadLetterFile(config: ShipConfig): string {
  return config.dead_letter.path ?? join(config.registry.path, "dead-letters.ndjson");
}

/**
 * Starts a shipper. Throws UserError when another one has the registry, when the registry is of another version, or when the
 * port of the statistics is taken.
 */
export async function startShipper(config: ShipConfig, deps: ShipperDeps): Promise<Shipper> {
  const running = new RunningShipper(config, deps);
  try {
    await running.start();
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

class RunningShipper implements Shipper {
  url: string | null = null;
  readonly #config: ShipConfig;
  readonly #hooks: ShipperHooks;
  readonly #hide: (text: string) => string;
  readonly #log: Logger;
  readonly #trouble: (cause: string, message: string, details?: Record<string, unknown>) => void;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #counters = new ShipCounters();
  readonly #gate = new Gate();
  /** Aborts once what was queued is delivered or given up: lookups end. */
  readonly #ending = new AbortController();
  readonly #letters: DeadLetters;
  readonly #registry: Registry;
  #sink: Sink | null = null;
  readonly #tailers: Tailer[] = [];
  #spools: SpooledInputs | null = null;
  #sinkTrouble: string | null = null;
  #queueTrouble: string | null = null;
  readonly #role: ShipperRole;
  #queue: QueueParts = { intake: null, worker: null };
  #unlock: () => Promise<void> = async () => undefined;
  #server: Listening | null = null;
  #stopping: Promise<void> | null = null;

  constructor(config: ShipConfig, deps: ShipperDeps) {
    this.#config = config;
    this.#hooks = deps;
    this.#hide = deps.hide ?? new Redactor(secretsOf(config)).hide;
    this.#log = deps.log;
    const trouble = createTroubleLog(deps.log);
    this.#trouble = (cause, message, details = {}) => {
      const shown = Object.entries(details).map(([key, item]) => [
        key,
        typeof item === "string" ? this.#hide(item) : item,
      ]);
      trouble(cause, this.#hide(message), Object.fromEntries(shown));
    };
    this.#now = deps.now ?? Date.now;
    this.#letters = new DeadLetters(deadLetterFile(config));
    this.#registry = new Registry({
      directory: config.registry.path,
      flushMs: durationMs(config.registry.flush),
      onTrouble: (reason) => this.#onRegistryTrouble(reason),
    });
    this.#random = deps.random ?? Math.random;
    this.#role = deps.role ?? "both";
    if (this.#role !== "both" && config.queue.type !== "redis") {
      throw new UserError(`the role ${this.#role} needs a queue that others can reach`, {
        code: "ROLE",
        key: "queue.type",
        hint: "set queue.type to redis",
      });
    }
  }

  async start(): Promise<void> {
    const sink = await this.#makeSink();
    this.#sink = sink;
    const { path } = this.#config.registry;
    // A pure worker keeps no registry, so it may stand beside a harvester.
    if (this.#role !== "work") await this.#openRegistry(path);
    const { http } = this.#config;
    this.#counters.publish(() => this.stats());
    if (http.enabled) {
      this.#server = await serveOperations({
        host: http.host,
        port: http.port,
        registry: this.#counters.metrics.registry,
        json: { "/stats": () => this.stats() },
        health: () => this.stats().trouble,
        handle: deadLetterRoutes({
          letters: this.#letters,
          hide: this.#hide,
          replay: (chosen, signal) => this.#replay(chosen, signal),
          replayMs: REPLAY_MS,
          token: http.token ?? null,
        }),
      });
      this.url = this.#server.url;
    }
    this.#queue = await createQueue(this.#config, this.#role, sink, {
      gate: () => this.#gate.opened(),
      trouble: (reason) => this.#onQueueTrouble(reason),
    });
    const { intake } = this.#queue;
    if (intake !== null) {
      const inputs = this.#config.inputs.filter((input) => input.enabled);
      this.#spools = new SpooledInputs(this.#config.registry.path, this.#registry);
      const stepsFor = createSteps(this.#config, this.#processorContext(), this.#hooks.transform);
      for (const input of inputs) {
        const files = await this.#spools.open(input);
        const processing = processingIntake(stepsFor(files), intake, this.#ending.signal);
        this.#tailers.push(this.#makeTailer(files, processing));
      }
    }
    for (const tailer of this.#tailers) await tailer.start();
    const listening = (await this.#spools?.start()) ?? [];
    for (const address of listening) this.#log.info({ address }, "taking records");
    this.#log.info({ registry: path, output: sink.name, ...(this.url === null ? {} : { stats: this.url }) }, "started");
  }

  #processorContext(): ProcessorContext {
    return {
      log: this.#log,
      trouble: (cause, message) => this.#trouble(cause, message),
      count: (counter) => this.#counters.add(counter, 1),
      now: this.#now,
      signal: this.#ending.signal,
    };
  }

  async #openRegistry(path: string): Promise<void> {
    await mkdir(path, { recursive: true });
    this.#unlock = await lockPath(path, {
      message: "is in use by another falco-ship",
      code: "REGISTRY_LOCKED",
      hint: "stop it first, or give this one another registry.path",
    });
    await this.#letters.compact();
    const damaged = await this.#registry.open();
    if (damaged > 0) {
      this.#log.warn({ damaged, path }, "the registry had damaged records: what they told is sent again");
    }
  }

  stats(): ShipStats {
    const { intake } = this.#queue;
    const inFlight = { records: intake?.recordsInFlight ?? 0, bytes: intake?.bytesInFlight ?? 0 };
    const files = this.#tailers.flatMap((tailer) => [...tailer.files]);
    const troubles = [this.#registry.trouble, this.#queueTrouble, this.#sinkTrouble].filter(
      (reason) => reason !== null,
    );
    return this.#counters.snapshot(files, inFlight, troubles.length === 0 ? null : troubles.join("; "));
  }

  async scan(): Promise<void> {
    await Promise.all(this.#tailers.map((tailer) => tailer.scan()));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.#gate.abandon();
    await this.#spools?.close();
    const limit = AbortSignal.timeout(durationMs(this.#config.shutdown_timeout));
    // The tailers wait for room and the queue for the sink, so both stop together.
    const tailersStopped = Promise.all(this.#tailers.map((tailer) => tailer.stop()));
    await this.#queue.intake?.close(limit);
    this.#ending.abort();
    await tailersStopped;
    await this.#queue.worker?.close();
    await this.#registry.close().catch((error: unknown) => {
      this.#log.error(`the registry can't be written: ${describeSystemError(error)}`);
    });
    await this.#sink?.close();
    await this.#server?.close();
    await this.#unlock();
  }

  #makeSink(): Promise<Sink> {
    return createSink(this.#config, {
      random: this.#random,
      reject: async (records) => {
        await this.#bury(records.map((record) => letterOfRejected(record, this.#output, this.#now())));
        const first = records[0];
        if (first !== undefined) {
          this.#trouble("rejected", "records became dead letters", { records: records.length, reason: first.reason });
        }
      },
      events: {
        delivered: (records, duplicates, bytes) => {
          this.#counters.add("acknowledged", records);
          this.#counters.add("duplicates", duplicates);
          this.#counters.add("sent_bytes", bytes);
          this.#tell(() => this.#hooks.onDelivered?.(records, duplicates));
        },
        retried: (records, reason) => {
          this.#counters.add("retried", records);
          this.#tell(() => this.#hooks.onRetried?.(records, this.#hide(reason)));
        },
        trouble: (reason) => this.#onSinkTrouble(reason),
      },
    });
  }

  #makeTailer(input: InputConfig, intake: Intake): Tailer {
    const options = tailerOptions(input, {
      now: this.#now,
      cleanRemovedMs: durationMs(this.#config.registry.clean_removed),
      refuse: (refused) => this.#bury([letterOfRefused(refused, this.#now())]),
    });
    return new Tailer(options, this.#registry, intake, {
      opened: (path, generation) => this.#log.debug({ path, offset: generation.offset }, "reading"),
      closed: (path) => this.#log.debug({ path }, "closed"),
      replaced: (path, lostBytes) => {
        this.#counters.add("truncations", 1);
        this.#counters.add("lost_bytes", lostBytes);
        if (lostBytes > 0) this.#trouble(`lost ${path}`, "truncated before all was read", { path, lostBytes });
        else this.#log.info({ path }, "truncated; reading from its beginning");
      },
      vanished: (path, offset) =>
        this.#trouble(`gone ${path}`, "gone; what follows the offset can't be read", { path, offset }),
      trouble: (path, reason) => this.#trouble(`file ${path}`, reason, { path }),
    });
  }

  #replay(chosen: ChosenLetters, signal: AbortSignal): Promise<ReplayResult> {
    const trouble = (reason: string): void => this.#trouble("replay", `replay: ${reason}`);
    return replayLetters(this.#config, this.#letters, chosen, { signal, trouble });
  }

  /** Writes dead letters down. While the disk is full it waits: nothing is acknowledged that isn't safe. */
  async #bury(letters: Parameters<DeadLetters["add"]>[0]): Promise<void> {
    for (;;) {
      try {
        await this.#letters.add(letters);
        break;
      } catch (error) {
        this.#trouble("dead letters", `dead letters can't be written: ${describeSystemError(error)}`);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
    this.#counters.add("dead_lettered", letters.length);
    this.#tell(() => this.#hooks.onDeadLetters?.(letters));
  }

  /** Calls a hook. What it throws is logged and changes nothing. */
  #tell(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#trouble("hook", `a hook failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  get #output(): string {
    return this.#sink?.name ?? "output";
  }

  #onRegistryTrouble(reason: string | null): void {
    if (reason === null) {
      this.#log.info("the registry can be written again; going on");
      this.#gate.open();
    } else {
      this.#gate.close();
      this.#trouble("registry", `the registry can't be written: ${reason}; reading pauses until it can`);
    }
  }

  #onQueueTrouble(reason: string | null): void {
    if (reason === null && this.#queueTrouble !== null) this.#log.info("the queue works again");
    this.#queueTrouble = reason === null ? null : this.#hide(`queue: ${reason}`);
    if (reason !== null) this.#trouble("queue", `queue: ${reason}; trying again`);
  }

  #onSinkTrouble(reason: string | null): void {
    if (reason === null && this.#sinkTrouble !== null) this.#log.info(`${this.#output} takes records again`);
    const before = this.#sinkTrouble;
    this.#sinkTrouble = reason === null ? null : this.#hide(`${this.#output}: ${reason}`);
    if (before !== this.#sinkTrouble) this.#tell(() => this.#hooks.onTrouble?.(this.#sinkTrouble));
    if (reason !== null) this.#trouble("sink", `${this.#output}: ${reason}; trying again`);
  }
}
