import type { Json } from "../data/json.ts";

/** What the Pipeline page shows of the engine's `/status`. Counters are since its start. */
export interface EngineFigures {
  readonly mode: string;
  readonly eventsPerSecond: number;
  readonly events: number;
  readonly alerts: number;
  readonly rulesLoaded: number;
  readonly refusedReloads: number;
  readonly drops: readonly Drop[];
  /** Event types by how often the kernel saw them. */
  readonly pushdown: readonly PushdownRow[];
  readonly outputs: readonly OutputRow[];
}

export interface Drop {
  readonly cause: string;
  readonly count: number;
}

export interface PushdownRow {
  readonly type: string;
  readonly seen: number;
  readonly passed: number;
}

export interface OutputRow {
  readonly name: string;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: number;
}

/** What the Pipeline page shows of falco-ship's `/stats`. */
export interface ShipFigures {
  readonly acknowledged: number;
  readonly duplicates: number;
  readonly retried: number;
  readonly deadLettered: number;
  readonly inFlight: number;
  readonly lostBytes: number;
  readonly trouble: string | null;
  readonly files: readonly FileRow[];
}

export interface FileRow {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes written and not acknowledged. */
  readonly lag: number;
}

/** Reads `/status`. What an older or newer engine doesn't give is 0. */
export function readEngine(status: Json): EngineFigures {
  const events = at(status, "events");
  const rules = at(status, "rules");
  return {
    mode: text(at(status, "mode")) ?? "live",
    eventsPerSecond: count(at(events, "perSecond")),
    events: count(at(events, "total")),
    alerts: count(at(at(status, "alerts"), "total")),
    rulesLoaded: count(at(rules, "loaded")),
    refusedReloads: count(at(rules, "refusedReloads")),
    drops: entries(at(events, "dropped")).map(([cause, value]) => ({ cause, count: count(value) })),
    pushdown: entries(at(status, "pushdown"))
      .map(([type, row]) => ({ type, seen: count(at(row, "seen")), passed: count(at(row, "passed")) }))
      .sort((a, b) => b.seen - a.seen),
    outputs: entries(at(status, "outputs")).map(([name, row]) => ({
      name,
      delivered: count(at(row, "delivered")),
      queued: count(at(row, "queued")),
      dropped: count(at(row, "dropped")),
    })),
  };
}

/** Reads `/stats`. What an older or newer shipper doesn't give is 0. */
export function readShip(stats: Json): ShipFigures {
  const files = at(stats, "files");
  return {
    acknowledged: count(at(stats, "acknowledged")),
    duplicates: count(at(stats, "duplicates")),
    retried: count(at(stats, "retried")),
    deadLettered: count(at(stats, "deadLettered")),
    inFlight: count(at(at(stats, "inFlight"), "records")),
    lostBytes: count(at(stats, "lostBytes")),
    trouble: text(at(stats, "trouble")),
    files: (Array.isArray(files) ? (files as readonly Json[]) : []).map((file) => ({
      path: text(at(file, "path")) ?? "",
      size: count(at(file, "size")),
      lag: count(at(file, "lag")),
    })),
  };
}

/** `517 B`, `1.2 MB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** step;
  return `${step === 0 ? value : Number(value.toPrecision(3))} ${units[step] ?? ""}`;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function at(value: Json, key: string): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  return (value as Readonly<Record<string, Json>>)[key] ?? null;
}

function count(value: Json): number {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : 0;
}

function text(value: Json): string | null {
  return typeof value === "string" ? value : null;
}

function entries(value: Json): readonly (readonly [string, Json])[] {
  return value === null || typeof value !== "object" || Array.isArray(value) ? [] : Object.entries(value);
}
