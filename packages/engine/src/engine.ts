import { type EventRecord, type EventSource, type FieldValue, type Priority, severityOf } from "@falco-efk/event";
import { describeFailure, type Logger } from "@falco-efk/kit";
import type { Rule } from "@falco-efk/rules";
import { type AlertWriter, createAlertWriter } from "./alert-writer.ts";
import type { EngineConfig } from "./config/config.ts";
import type { LoadedConfig } from "./config/load.ts";
import { type DetectableEvent, detect } from "./detector.ts";
import type { EngineMode, EngineView, LoadedFile } from "./engine-view.ts";
import { createDropWatch } from "./event-drops.ts";
import { HeldAlerts } from "./held-alerts.ts";
import { internalLine } from "./internal-line.ts";
import { typesJudgedByContainer } from "./judges-container.ts";
import type { LoadedRuleset } from "./load-ruleset.ts";
import type { AskedDetails, EngineMemory } from "./memory/engine-memory.ts";
import type { Detail } from "./memory/memory-budget.ts";
import { startMetrics } from "./metrics-schedule.ts";
import { type Outputs, openOutputs, sameOutputs } from "./outputs/outputs.ts";
import { hashFiles } from "./rule-files.ts";
import { AlertCounts } from "./summary.ts";
import { engineVersion } from "./versions.ts";

/** An event's context as the engine uses it; the fields package's `EventContext` is one. */
export interface EngineEvent<Self> extends DetectableEvent<Self> {
  readonly time: bigint;
  readonly containerPending: boolean;
  containerKnown(): Promise<void>;
  /** A copy that outlives the record. */
  detach(): Self;
}

/** The state that events feed, beside the rules. */
export interface EngineState<E> {
  /** Lets the event change the process tree. */
  apply(record: EventRecord): void;
  /** True when the engine itself, or a program it started, is behind the event. */
  isOwn(event: E): boolean;
  /** Sizes of the tables, for metrics. */
  tables(): Readonly<Record<string, number>>;
  /** What can go to save memory, in order, and what of it was asked for afterwards. */
  readonly details: readonly Detail[];
  readonly asked: AskedDetails;
  /** Told of each rule set before it's used. */
  prepare(rules: LoadedRuleset<E>): Promise<void>;
  close(): Promise<void>;
}

/** An open source, and how to tell it what a new rule set needs. */
export interface OpenedSource<E> {
  readonly mode: EngineMode;
  readonly source: EventSource;
  /** Bytes of the kernel's memory that are mapped into this process; none when absent. */
  mappedBytes?(): number;
  /** Puts the new rule set's filter into the kernel. */
  update?(rules: LoadedRuleset<E>, config: EngineConfig): Promise<void>;
}

/** What is loaded from files, and loaded again on a reload. */
export interface Loaded<E> {
  readonly config: LoadedConfig;
  readonly rules: LoadedRuleset<E>;
}

export interface EngineParts<E> {
  readonly loaded: Loaded<E>;
  /** Reads configuration and rules again. Throws when they are bad. */
  readonly load: () => Loaded<E>;
  readonly event: E;
  readonly state: EngineState<E>;
  readonly opened: OpenedSource<E>;
  readonly log: Logger;
  readonly memory: EngineMemory;
  readonly hostname: string;
  /** Descriptor of the stdout output. */
  readonly stdout?: number;
  readonly unbuffered?: boolean;
  /** Told of each program that an output starts. */
  readonly onChild?: (pid: number) => void;
  /** Called after each reload that was taken. */
  readonly onReload?: (loaded: Loaded<E>) => Promise<void>;
}

/** Queued lines above which a replay waits, and down to which. */
const HIGH_WATER = 16_384;
const LOW_WATER = 4096;
/** Events after which the memory is looked at, in the midst of a batch. */
const EVENTS_A_LOOK = 16;

/** A running engine: source → state → rules → outputs. Made by `createEngine`, ended by `close`. */
export class Engine<E extends EngineEvent<E>> {
  readonly view: EngineView;
  readonly counts: AlertCounts = new AlertCounts();
  private readonly parts: EngineParts<E>;
  private loaded: Loaded<E>;
  private outputs: Outputs;
  private readonly held: HeldAlerts;
  private readonly stopping = new AbortController();
  private readonly startedAt = nowNanos();
  private reloadedAt = this.startedAt;
  private refused = 0;
  private judged: ReadonlySet<number> = new Set();
  private events = 0;
  private own = 0;
  private configFiles: readonly LoadedFile[];
  private write: AlertWriter<E>;
  private dropWatch: ReturnType<typeof createDropWatch>;
  private stopMetrics: () => Promise<void> = async () => undefined;
  private tick: NodeJS.Timeout | null = null;
  private failure: string | null = null;
  private reloading: Promise<boolean> = Promise.resolve(true);

  constructor(parts: EngineParts<E>, outputs: Outputs) {
    this.parts = parts;
    this.loaded = parts.loaded;
    this.outputs = outputs;
    this.held = new HeldAlerts(this.config.engine.container_wait_ms);
    this.configFiles = hashFiles(parts.loaded.config.files);
    this.write = alertWriterOf(this.config, this.parts.hostname);
    this.dropWatch = this.makeDropWatch();
    this.view = this.makeView();
    this.know();
    parts.memory.join(
      {
        name: "waiting_alerts",
        letGo: () => {
          this.held.mayWait(false);
          return this.held.releaseAll();
        },
        keep: () => this.held.mayWait(true),
      },
      (rule, message, fields) => this.emitInternal("Warning", rule, message, fields),
    );
  }

  get config(): EngineConfig {
    return this.loaded.config.config;
  }

  /** Evaluates events until the source ends or `stop` is called. Resolves with why it ended early, or null. */
  async run(): Promise<string | null> {
    const { opened, event, state, memory } = this.parts;
    const live = opened.mode === "live";
    this.stopMetrics = this.makeMetrics();
    if (live) {
      this.tick = setInterval(() => this.dropWatch(opened.source.counters(), Date.now()), 1000);
      this.tick.unref();
    }
    const onMatch = (rule: Rule<E>, matched: E): void => this.match(rule, matched);
    let unseen = 0;
    let { match_realpath: realPath, modern_ebpf: modern } = this.config.engine;
    await opened.source.run(
      (record) => {
        if (++unseen >= EVENTS_A_LOOK) {
          unseen = 0;
          memory.look();
        }
        state.apply(record);
        const { type } = record;
        const { ruleset } = this.loaded.rules;
        if (!ruleset.eventTypes.has(type) || (modern.drop_failed_exit && record.result < 0)) return;
        this.events += 1;
        const now = event.begin(record);
        if (live && this.judged.has(type) && now.containerPending && this.held.hasRoom) {
          this.judgeLater(now, type, realPath);
        } else detect(ruleset, now, type, realPath, onMatch);
      },
      {
        signal: this.stopping.signal,
        afterBatch: () => {
          ({ match_realpath: realPath, modern_ebpf: modern } = this.config.engine);
          this.outputs.flush();
          memory.look();
          if (!live && this.outputs.backlog() > HIGH_WATER) return this.outputs.drained(LOW_WATER);
        },
      },
    );
    return this.failure;
  }

  /** Ends `run` after what is in flight. With a reason, the end is a failure. */
  stop(reason: string | null = null): void {
    this.failure ??= reason;
    this.stopping.abort();
  }

  /** Opens the outputs' files and sockets anew (SIGUSR1). */
  reopenOutputs(): void {
    this.outputs.reopen();
  }

  /**
   * Loads configuration and rules again and uses them from the next batch on. What is bad is logged, and the set in use
   * stays. Answers whether the new set was taken.
   */
  reload(): Promise<boolean> {
    this.reloading = this.reloading.then(() => this.reloadOnce());
    return this.reloading;
  }

  /** Lets go of everything, delivering what is queued. */
  async close(): Promise<void> {
    this.stop();
    await this.reloading;
    if (this.tick !== null) clearInterval(this.tick);
    await this.stopMetrics();
    this.held.releaseAll();
    this.outputs.flush();
    await this.outputs.close();
    await this.parts.opened.source.close();
    await this.parts.state.close();
  }

  private match(rule: Rule<E>, event: E): void {
    if (!event.containerPending || !this.held.hasRoom || this.parts.state.isOwn(event)) {
      this.count(rule, event);
      return;
    }
    this.counts.add(rule.name);
    const kept = event.detach();
    this.held.hold(kept.containerKnown(), () => {
      this.emit(rule, kept);
      this.outputs.flush();
    });
  }

  /** Evaluates an event when its container is known, or when it has waited long enough. */
  private judgeLater(event: E, type: number, realPath: boolean): void {
    const kept = event.detach();
    this.held.hold(kept.containerKnown(), () => {
      detect(this.loaded.rules.ruleset, kept, type, realPath, (rule, matched) => this.count(rule, matched));
      this.outputs.flush();
    });
  }

  /** Counts and emits a match, but not one of the engine's own. */
  private count(rule: Rule<E>, event: E): void {
    if (this.parts.state.isOwn(event)) {
      this.own += 1;
      return;
    }
    this.counts.add(rule.name);
    this.emit(rule, event);
  }

  private emit(rule: Rule<E>, event: E): void {
    this.outputs.push({ text: this.write(rule, event, event.time), severity: severityOf(rule.priority) });
  }

  /** Sends a message of the engine's own where alerts go. */
  private emitInternal(
    priority: Priority,
    rule: string,
    message: string,
    fields: ReadonlyMap<string, FieldValue>,
  ): void {
    const content = { time: nowNanos(), priority, rule, message, fields };
    this.outputs.push(internalLine(content, this.parts.hostname, this.config.json_output));
    this.outputs.flush();
  }

  private async reloadOnce(): Promise<boolean> {
    const { log, opened, state } = this.parts;
    let opening: Outputs | null = null;
    try {
      const next = this.parts.load();
      if (!sameOutputs(this.config, next.config.config)) {
        opening = await openOutputs(next.config.config, this.outputsOptions());
      }
      await state.prepare(next.rules);
      await opened.update?.(next.rules, next.config.config);
      this.take(next, opening);
      await this.parts.onReload?.(next);
      log.info(`rules and configuration loaded again: ${next.rules.ruleset.rules.length} rules`);
      return true;
    } catch (error) {
      await opening?.close();
      this.refused += 1;
      log.error(`the new rules or configuration are not used, the old ones stay: ${describeFailure(error)}`);
      return false;
    }
  }

  /** From here on the new set counts. Nothing in between can fail or wait, so no event meets half of each. */
  private take(next: Loaded<E>, outputs: Outputs | null): void {
    this.loaded = next;
    this.reloadedAt = nowNanos();
    this.configFiles = hashFiles(next.config.files);
    this.write = alertWriterOf(this.config, this.parts.hostname);
    this.dropWatch = this.makeDropWatch();
    this.know();
    if (outputs !== null) {
      const before = this.outputs;
      this.outputs = outputs;
      before.close().catch((error: unknown) => this.parts.log.error(describeFailure(error)));
    }
    const stopMetrics = this.stopMetrics;
    this.stopMetrics = this.makeMetrics();
    stopMetrics().catch((error: unknown) => this.parts.log.error(describeFailure(error)));
  }

  private outputsOptions(): Parameters<typeof openOutputs>[1] {
    return outputsOptions(this.parts);
  }

  private know(): void {
    this.judged = typesJudgedByContainer(this.loaded.rules.ruleset.rules);
    for (const rule of this.loaded.rules.ruleset.rules) this.counts.know(rule);
  }

  private makeDropWatch(): ReturnType<typeof createDropWatch> {
    return createDropWatch(this.config.syscall_event_drops, {
      log: (message) => this.parts.log.warn(message),
      alert: (rule, message, fields) => this.emitInternal("Debug", rule, message, fields),
      exit: (message) => this.stop(message),
    });
  }

  private makeMetrics(): () => Promise<void> {
    return startMetrics(this.view, {
      alert: (rule, message, fields) => this.emitInternal("Informational", rule, message, fields),
      trouble: (message) => this.parts.log.warn(message),
    });
  }

  private makeView(): EngineView {
    const { opened, state } = this.parts;
    return {
      mode: opened.mode,
      version: engineVersion(),
      hostname: this.parts.hostname,
      startedAt: this.startedAt,
      reloadedAt: () => this.reloadedAt,
      config: () => this.config,
      rulesFiles: () => this.loaded.rules.files,
      configFiles: () => this.configFiles,
      rules: () => this.loaded.rules.result.rules,
      rulesLoaded: () => this.loaded.rules.ruleset.rules.length,
      counts: this.counts,
      events: () => this.events,
      ownAlerts: () => this.own,
      refusedReloads: () => this.refused,
      source: () => (opened.mode === "nodriver" ? null : opened.source.counters()),
      outputs: () => this.outputs.counters(),
      memory: () => this.parts.memory.view(),
      tables: () => {
        const { held, timedOut, waiting } = this.held.counters();
        return { ...state.tables(), alerts_held: held, alerts_held_too_long: timedOut, alerts_waiting: waiting };
      },
    };
  }
}

function alertWriterOf<E>(config: EngineConfig, hostname: string): AlertWriter<E> {
  const options = { hostname, isoTime: config.time_format_iso_8601, bufferBase64: config.buffer_format_base64 };
  const json = {
    includeOutput: config.json_include_output_property,
    includeMessage: config.json_include_message_property,
    includeOutputFields: config.json_include_output_fields_property,
    includeTags: config.json_include_tags_property,
  };
  return createAlertWriter(options, config.json_output ? json : null);
}

/** Opens the outputs and makes the engine. Throws UserError when an output can't be used. */
export async function createEngine<E extends EngineEvent<E>>(parts: EngineParts<E>): Promise<Engine<E>> {
  const outputs = await openOutputs(parts.loaded.config.config, outputsOptions(parts));
  return new Engine(parts, outputs);
}

function outputsOptions<E>(parts: EngineParts<E>): Parameters<typeof openOutputs>[1] {
  return {
    log: parts.log,
    queueBytes: (outputs) => parts.memory.queueBytes(outputs),
    ...(parts.onChild === undefined ? {} : { onChild: parts.onChild }),
    ...(parts.stdout === undefined ? {} : { stdout: parts.stdout }),
    ...(parts.unbuffered === undefined ? {} : { unbuffered: parts.unbuffered }),
  };
}

function nowNanos(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
}
