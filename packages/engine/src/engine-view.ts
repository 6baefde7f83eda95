import type { SourceCounters } from "@falco-efk/event";
import type { RuleInfo } from "@falco-efk/rules";
import type { EngineConfig } from "./config/config.ts";
import type { MemoryView } from "./memory/engine-memory.ts";
import type { OutputCounters } from "./outputs/output.ts";
import type { AlertCounts } from "./summary.ts";

/** A file that was loaded, with the hash of what it held. */
export interface LoadedFile {
  readonly name: string;
  readonly sha256: string;
}

/** Where the events come from, as users are told: a replay never passes for live. */
export type EngineMode = "live" | "replay" | "nodriver";

/** What the web pages, metrics and snapshots read of a running engine. */
export interface EngineView {
  readonly mode: EngineMode;
  readonly version: string;
  readonly hostname: string;
  /** Nanoseconds since the epoch. */
  readonly startedAt: bigint;
  reloadedAt(): bigint;
  config(): EngineConfig;
  rulesFiles(): readonly LoadedFile[];
  configFiles(): readonly LoadedFile[];
  /** Every rule that loaded, in load order, enabled or not. */
  rules(): readonly RuleInfo[];
  /** Rules that are evaluated. */
  rulesLoaded(): number;
  readonly counts: AlertCounts;
  /** Events that were evaluated. */
  events(): number;
  /** Alerts that were left out because the engine itself caused them. */
  ownAlerts(): number;
  /** Reloads that were refused because the new rules or configuration were bad. */
  refusedReloads(): number;
  source(): SourceCounters | null;
  outputs(): Readonly<Record<string, OutputCounters>>;
  memory(): MemoryView;
  /** Processes and containers remembered. */
  tables(): Readonly<Record<string, number>>;
}
