import type { EngineMode, EngineView } from "../engine-view.ts";
import type { MemoryView } from "../memory/engine-memory.ts";
import type { OutputCounters } from "../outputs/output.ts";

/** The `/status` page: what the console and `falco-efk` show of the engine. Counters are since the start. */
export interface EngineStatus {
  readonly mode: EngineMode;
  readonly version: string;
  readonly hostname: string;
  readonly uptimeSeconds: number;
  readonly events: {
    /** Evaluated. */
    readonly total: number;
    /** Over at least the last second. */
    readonly perSecond: number;
    /** By the kernel, and out of the source: `produced = delivered + dropped`. */
    readonly produced: number;
    readonly delivered: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly alerts: {
    readonly total: number;
    readonly byRule: Readonly<Record<string, number>>;
    readonly byPriority: Readonly<Record<string, number>>;
    /** Left out because the engine itself caused them. */
    readonly own: number;
  };
  /** By event type: what the kernel saw and what passed its filter. */
  readonly pushdown: Readonly<Record<string, { readonly seen: number; readonly passed: number }>>;
  readonly outputs: Readonly<Record<string, OutputCounters>>;
  readonly rules: { readonly loaded: number; readonly files: readonly string[]; readonly refusedReloads: number };
  readonly tables: Readonly<Record<string, number>>;
  readonly memoryBytes: number;
  /** The budget, and what was let go to stay within it. */
  readonly memory: MemoryView;
}

/** Makes the function behind `/status`; it keeps the last reading to work out the rate. */
export function createStatus(view: EngineView, now: () => number = Date.now): () => EngineStatus {
  let last = { at: now(), events: view.events(), rate: 0 };
  return () => {
    const at = now();
    const events = view.events();
    if (at - last.at >= 1000) last = { at, events, rate: ((events - last.events) * 1000) / (at - last.at) };
    const source = view.source();
    const rules = view.counts.rules();
    const byPriority: Record<string, number> = {};
    for (const rule of rules) {
      if (rule.alerts > 0) byPriority[rule.priority] = (byPriority[rule.priority] ?? 0) + rule.alerts;
    }
    return {
      mode: view.mode,
      version: view.version,
      hostname: view.hostname,
      uptimeSeconds: Math.round(at / 1000 - Number(view.startedAt / 1_000_000_000n)),
      events: {
        total: events,
        perSecond: Math.round(last.rate * 10) / 10,
        produced: source?.produced ?? 0,
        delivered: source?.delivered ?? 0,
        dropped: source?.dropped ?? {},
      },
      alerts: {
        total: view.counts.total,
        byRule: Object.fromEntries(rules.filter((rule) => rule.alerts > 0).map((rule) => [rule.name, rule.alerts])),
        byPriority,
        own: view.ownAlerts(),
      },
      pushdown: source?.byType ?? {},
      outputs: view.outputs(),
      rules: {
        loaded: view.rulesLoaded(),
        files: view.rulesFiles().map((file) => file.name),
        refusedReloads: view.refusedReloads(),
      },
      tables: view.tables(),
      memory: view.memory(),
      memoryBytes: process.memoryUsage.rss(),
    };
  };
}
