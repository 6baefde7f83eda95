import { readFileSync } from "node:fs";
import type {
  EventRecord,
  EventSource,
  HostNamespaces,
  KernelFilter,
  ProcessSnapshot,
  SourceCounters,
} from "@falco-efk/event";
import { chooseCgroup } from "./cgroup.ts";
import { controlBytes } from "./control.ts";
import { readCounters } from "./counters.ts";
import { ProbeError } from "./errors.ts";
import { FilterLoader } from "./filter-loader.ts";
import { FrameFilter } from "./frame-filter.ts";
import { type FrameContext, FrameView } from "./frame-view.ts";
import { kernelFacts } from "./kernel-facts.ts";
import { attachProbe, type LoadedProbe, loadProbe } from "./load.ts";
import { loadNative } from "./native.ts";
import type { ProbeDescription, ProbeOptions, ProcessIdentity } from "./options.ts";
import { ProcessScan } from "./scan.ts";
import { eachFrame } from "./source.ts";

const BATCH_BYTES = 256 * 1024;
const BATCH_COUNT = 4;
const CONTROL_KEY = new Uint8Array(4);
/** The clocks are compared anew this often, since wall-clock time may be set. */
const CLOCK_INTERVAL_MS = 1000;

/** Gets each batch's frames as bytes before they are handled; the bytes are the probe's again afterwards. */
export type FrameTap = (frames: Uint8Array) => void;

/** The live kernel as a source of events. */
export interface Probe extends EventSource {
  readonly kind: "live";
  describe(): ProbeDescription;
  /**
   * The processes that run now, and those that ran when the probe was opened. Events of the same processes may already
   * lie in the ring buffer: they win. To be called before `run`.
   */
  scanProcesses(): ProcessSnapshot[];
  /**
   * Replaces the filter at one stroke; null passes everything. Types that were not opened stay unseen.
   * @throws ProbeError `filter-failed`; the old filter stays in force.
   */
  setFilter(filter: KernelFilter | null): void;
  /**
   * Hands on from now on only what passes the filter by what the kernel could not tell either; null hands all on that the
   * kernel passed. `host` are the namespaces of the host's init, null where they are not known.
   */
  sift(filter: KernelFilter | null, host: HostNamespaces | null): void;
  /** Replaces who is ignored. */
  ignore(processes: readonly ProcessIdentity[]): void;
  /** Hands the raw frames to a capture as well; null ends it. */
  tap(tap: FrameTap | null): void;
  /** What a capture must know to read this probe's frames. */
  readonly frameContext: FrameContext;
}

class LiveProbe implements Probe {
  readonly kind = "live";
  readonly frameContext: FrameContext;
  readonly #loaded: LoadedProbe;
  readonly #view: FrameView;
  readonly #filters: FilterLoader;
  readonly #scan: ProcessScan;
  #ignored: readonly ProcessIdentity[];
  #tap: FrameTap | null = null;
  #sieve: FrameFilter | null = null;
  #host: HostNamespaces | null = null;
  #delivered = 0;
  #running = false;
  #stopped = false;
  #lastCounters: SourceCounters | null = null;
  readonly #delay: number;

  constructor(loaded: LoadedProbe, context: FrameContext, options: ProbeOptions) {
    this.#loaded = loaded;
    this.frameContext = context;
    this.#view = new FrameView(context);
    this.#scan = new ProcessScan(() => loaded.native.iterate("scan_processes"), context);
    this.#ignored = options.ignoreProcesses ?? [];
    this.#delay = options.batchDelayMicros ?? 8000;
    this.#filters = new FilterLoader(loaded.native, new Set(options.types));
    this.setFilter(options.filter ?? null);
  }

  describe(): ProbeDescription {
    const { variant, attach, compat, ringBytes, hooks } = this.#loaded;
    const { cgroupController } = this.frameContext;
    return { variant, attach, compat, cgroupController, ringBytes, ...hooks };
  }

  ignore(processes: readonly ProcessIdentity[]): void {
    this.#ignored = processes;
    this.#writeControl();
  }

  setFilter(filter: KernelFilter | null): void {
    this.#filters.load(filter);
    this.#writeControl();
  }

  sift(filter: KernelFilter | null, host: HostNamespaces | null): void {
    this.#sieve = filter === null ? null : new FrameFilter(filter, host);
    this.#host = host;
    this.#writeControl();
  }

  #writeControl(): void {
    const { generation } = this.#filters;
    const control = { generation, ignored: this.#ignored, host: this.#host, stopped: this.#stopped };
    this.#loaded.native.update("controls", CONTROL_KEY, controlBytes(control));
  }

  tap(tap: FrameTap | null): void {
    this.#tap = tap;
  }

  scanProcesses(): ProcessSnapshot[] {
    return this.#scan.finish();
  }

  run(
    handle: (record: EventRecord) => void,
    options: { readonly signal: AbortSignal; readonly afterBatch?: () => void | Promise<void> },
  ): Promise<void> {
    if (this.#running) throw new ProbeError("closed", "the probe runs already or has ended", "open another one");
    this.#running = true;
    this.#scan.forget();
    const { native } = this.#loaded;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let batches: readonly ArrayBuffer[] = [];
    let clockRead = performance.now();
    const stop = (): void => {
      this.#stopped = true;
      this.#writeControl();
      native.finish();
    };
    const each = (frame: FrameView): void => {
      if (this.#sieve === null || this.#sieve.passes(frame)) handle(frame);
    };
    const onBatch = (index: number, bytes: number): void => {
      if (index < 0) {
        options.signal.removeEventListener("abort", stop);
        resolve();
        return;
      }
      const now = performance.now();
      if (now - clockRead > CLOCK_INTERVAL_MS) {
        this.frameContext.clockOffset = loadNative().clockOffset();
        clockRead = now;
      }
      try {
        const batch = new Uint8Array(batches[index] as ArrayBuffer, 0, bytes);
        this.#tap?.(batch);
        this.#view.open(batch);
        this.#delivered = eachFrame(this.#view, bytes, this.#delivered, each);
        const after = options.afterBatch?.();
        if (after instanceof Promise) after.catch(reject);
      } catch (error) {
        reject(error);
        stop();
      }
      // In the loop's next round: batches that come without a pause must not keep files and sockets waiting.
      setImmediate(() => native.release(index));
    };
    batches = native.start(onBatch, BATCH_BYTES, BATCH_COUNT, this.#delay);
    if (options.signal.aborted) stop();
    else options.signal.addEventListener("abort", stop, { once: true });
    return promise;
  }

  counters(): SourceCounters {
    return this.#lastCounters ?? readCounters(this.#loaded.native, this.#delivered);
  }

  async close(): Promise<void> {
    if (this.#lastCounters) return;
    this.#lastCounters = this.counters();
    this.#loaded.native.close();
  }
}

/**
 * Loads the kernel programs that the event types ask for, and attaches them.
 * @throws ProbeError with what is missing and what to do about it.
 */
export async function openProbe(options: ProbeOptions): Promise<Probe> {
  const { clockOffset } = loadNative();
  const cgroup = chooseCgroup(readFileSync("/proc/cgroups", "utf8"));
  const loaded = await loadProbe(options, kernelFacts(), cgroup);
  try {
    const probe = new LiveProbe(loaded, { clockOffset: clockOffset(), cgroupController: cgroup.controller }, options);
    attachProbe(loaded);
    return probe;
  } catch (error) {
    loaded.native.close();
    throw error;
  }
}
