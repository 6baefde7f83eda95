import { setTimeout as sleep } from "node:timers/promises";
import type { EventRecord, EventSource, HostNamespaces, KernelFilter, SourceCounters } from "@falco-efk/event";
import { UserError } from "@falco-efk/kit";
import { openProbe, type Probe, ProbeError, type ProbeOptions, type ProcessIdentity } from "@falco-efk/probe";
import type { EngineConfig } from "./config/config.ts";

const MIB = 1024 * 1024;
/** Two probes watch side by side for at least so long before one takes over from the other. */
const ATTACHED_FOR_MS = 5;

/** What a probe is opened for. */
export interface ProbeRequest {
  readonly config: EngineConfig;
  /** The event types to see, and what of them; a type that is not in it is not seen at all. */
  readonly filter: KernelFilter;
  readonly ignore: readonly ProcessIdentity[];
}

/** The probe's options for a configuration. */
export function probeOptions(request: ProbeRequest): ProbeOptions {
  const { engine, falco_libs: libs } = request.config;
  return {
    types: [...request.filter.types.keys()],
    filter: request.filter,
    ignoreProcesses: request.ignore,
    ringBytes: 2 ** (engine.modern_ebpf.buf_size_preset - 1) * MIB,
    maxData: libs.snaplen,
    ...(engine.compat === "auto" ? {} : { compat: engine.compat === "on" }),
  };
}

/** Opens the probe. Throws UserError (`PROBE`) that says what is missing and what to do. */
export async function openLiveProbe(options: ProbeOptions): Promise<Probe> {
  try {
    return await openProbe(options);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    throw new UserError(`the kernel can't be watched: ${error.message}`, {
      code: "PROBE",
      hint: error.hint,
      cause: error,
    });
  }
}

/**
 * The live kernel as one source, though the probe behind it may be exchanged for one that sees other event types. The
 * new one is attached before the old one ends; each event counts with the one that was in charge at its time. That time
 * is the boot clock's: each probe reckons wall-clock time for itself, and two reckonings differ by some microseconds.
 */
export class LiveSource implements EventSource {
  readonly kind = "live";
  private probe: Probe;
  private next: { readonly probe: Probe; readonly from: bigint; readonly done: () => void } | null = null;
  private turn: AbortController | null = null;
  private readonly past: SourceCounters[] = [];

  private readonly onClose: () => void;

  constructor(probe: Probe, onClose: () => void = () => undefined) {
    this.probe = probe;
    this.onClose = onClose;
  }

  /** Puts another filter into the kernel, and behind it. It must not want event types that the probe was not opened for. */
  setFilter(filter: KernelFilter, host: HostNamespaces | null): void {
    const probe = this.next?.probe ?? this.probe;
    probe.setFilter(filter);
    probe.sift(filter, host);
  }

  /** Puts another probe, which is attached already, in charge of the events from now on. Resolves when it is. */
  async exchange(probe: Probe): Promise<void> {
    // The clock below is a whole millisecond, rounded down: it must not point to before the probe was attached.
    await sleep(ATTACHED_FOR_MS);
    const { promise, resolve } = Promise.withResolvers<void>();
    const now = BigInt(Date.now()) * 1_000_000n;
    this.next = { probe, from: now - probe.frameContext.clockOffset, done: resolve };
    this.turn?.abort();
    return promise;
  }

  async run(
    handle: (record: EventRecord) => void,
    options: { readonly signal: AbortSignal; readonly afterBatch?: () => void | Promise<void> },
  ): Promise<void> {
    let from = 0n;
    for (;;) {
      const turn = new AbortController();
      this.turn = turn;
      const stop = (): void => turn.abort();
      options.signal.addEventListener("abort", stop, { once: true });
      if (this.next !== null || options.signal.aborted) stop();
      const { frameContext } = this.probe;
      await this.probe.run(
        (record) => {
          const time = record.time - frameContext.clockOffset;
          if (time >= from && (this.next === null || time < this.next.from)) handle(record);
        },
        { ...options, signal: turn.signal },
      );
      options.signal.removeEventListener("abort", stop);
      const { next } = this;
      if (next === null) return;
      this.next = null;
      from = next.from;
      this.past.push(this.probe.counters());
      await this.probe.close();
      this.probe = next.probe;
      next.done();
    }
  }

  /** Bytes of ring buffers that are mapped into this process. */
  mappedBytes(): number {
    return mappedBytesOf(this.probe) + (this.next === null ? 0 : mappedBytesOf(this.next.probe));
  }

  counters(): SourceCounters {
    return this.past.reduce(addCounters, this.probe.counters());
  }

  async close(): Promise<void> {
    this.onClose();
    await this.next?.probe.close();
    await this.probe.close();
  }
}

/** The kernel maps a ring twice in a row, so that no frame is ever cut in two. */
function mappedBytesOf(probe: Probe): number {
  return 2 * probe.describe().ringBytes;
}

function addCounters(a: SourceCounters, b: SourceCounters): SourceCounters {
  const dropped: Record<string, number> = { ...a.dropped };
  for (const [cause, count] of Object.entries(b.dropped)) dropped[cause] = (dropped[cause] ?? 0) + count;
  const byType: Record<string, { seen: number; passed: number }> = { ...a.byType };
  for (const [type, { seen, passed }] of Object.entries(b.byType)) {
    const known = byType[type];
    byType[type] = { seen: (known?.seen ?? 0) + seen, passed: (known?.passed ?? 0) + passed };
  }
  return { produced: a.produced + b.produced, delivered: a.delivered + b.delivered, dropped, byType };
}
