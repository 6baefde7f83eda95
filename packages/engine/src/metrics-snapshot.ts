import { availableParallelism, release } from "node:os";
import { basename } from "node:path";
import { type FieldValue, integerValue } from "@falco-efk/event";
import { UserError } from "@falco-efk/kit";
import type { EngineView } from "./engine-view.ts";
import { FALCO_VERSION } from "./versions.ts";

/** The rule name that snapshots carry. */
export const SNAPSHOT_RULE = "Falco internal: metrics snapshot";
export const SNAPSHOT_MESSAGE = "Falco metrics snapshot";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHORTEST_MS = 100;

/** Reads `metrics.interval`: milliseconds, or parts such as `1h30m`. Throws UserError (`CONFIG_INVALID`). */
export function parseInterval(text: string): number {
  const parts = [...text.matchAll(/(\d+)\s*(ms|s|m|h|d)/g)];
  const sum = /^\d+$/.test(text)
    ? Number(text)
    : parts.reduce((total, [, count, unit]) => total + Number(count) * (UNITS[unit ?? "ms"] ?? 1), 0);
  const whole = /^(\s*\d+\s*(ms|s|m|h|d)\s*)+$/.test(text) || /^\d+$/.test(text);
  if (!whole || sum < SHORTEST_MS) {
    throw new UserError(`${text} is no interval of at least ${SHORTEST_MS} ms`, {
      code: "CONFIG_INVALID",
      key: "metrics.interval",
      hint: "such as 30s, 15m, 1h or 5000 (milliseconds)",
    });
  }
  return sum;
}

/** Makes the function that takes a snapshot of the engine's counters, under Falco's keys where it has them. Time: nanoseconds. */
export function createSnapshots(view: EngineView): (now: bigint) => Map<string, FieldValue> {
  let last = { at: view.startedAt, events: 0, produced: 0, drops: 0, cpu: 0 };
  return (now) => {
    const settings = view.config().metrics;
    const source = view.source();
    const seconds = Number(now - last.at) / 1e9;
    const events = view.events();
    const drops = Object.values(source?.dropped ?? {}).reduce((sum, count) => sum + count, 0);
    const produced = source?.produced ?? 0;
    const { user, system } = process.cpuUsage();
    const cpu = (user + system) / 1e6;
    const rate = (count: number): number => (seconds > 0 ? Math.round((count / seconds) * 10) / 10 : 0);
    const fields = new Map<string, FieldValue>([
      ["evt.hostname", view.hostname],
      ["evt.source", "syscall"],
      ["evt.time", integerValue(now)],
      ["falco.duration_sec", Number((now - view.startedAt) / 1_000_000_000n)],
      ["falco.evts_rate_sec", rate(events - last.events)],
      ["falco.host_num_cpus", availableParallelism()],
      ["falco.kernel_release", release()],
      ["falco.num_evts", events],
      ["falco.num_evts_prev", last.events],
      ["falco.outputs_queue_num_drops", Object.values(view.outputs()).reduce((sum, output) => sum + output.dropped, 0)],
      ["falco.reload_ts", integerValue(view.reloadedAt())],
      ["falco.start_ts", integerValue(view.startedAt)],
      ["falco.version", FALCO_VERSION],
      ["scap.engine_name", view.mode === "live" ? "modern_bpf" : view.mode === "replay" ? "savefile" : "nodriver"],
    ]);
    const add = (key: string, value: number): void => {
      if (value !== 0 || settings.include_empty_values) fields.set(key, value);
    };
    for (const file of view.rulesFiles())
      fields.set(`falco.sha256_rules_file.${sanitise(basename(file.name))}`, file.sha256);
    for (const file of view.configFiles())
      fields.set(`falco.sha256_config_file.${sanitise(basename(file.name))}`, file.sha256);
    if (settings.rules_counters_enabled) {
      fields.set("falco.rules.matches_total", view.counts.total);
      for (const rule of view.counts.rules()) add(`falco.rules.${sanitise(rule.name)}`, rule.alerts);
    }
    if (settings.resource_utilization_enabled) {
      const rss = process.memoryUsage.rss();
      if (settings.convert_memory_to_mb) add("falco.memory_rss_mb", Math.round((rss / 1024 / 1024) * 10) / 10);
      else add("falco.memory_rss_kb", Math.round(rss / 1024));
      add("falco.cpu_usage_perc", rate((cpu - last.cpu) * 100));
      for (const [detail, counters] of Object.entries(view.memory().details)) {
        for (const [what, count] of Object.entries(counters)) add(`falco.memory_${what}_${detail}`, count);
      }
    }
    if (settings.state_counters_enabled) {
      for (const [table, size] of Object.entries(view.tables())) add(`falco.n_${table}`, size);
    }
    if (settings.kernel_event_counters_enabled && source !== null) {
      fields.set("scap.n_evts", produced);
      fields.set("scap.n_evts_prev", last.produced);
      fields.set("scap.evts_rate_sec", rate(produced - last.produced));
      fields.set("scap.n_drops", drops);
      fields.set("scap.n_drops_prev", last.drops);
      fields.set("scap.evts_drop_rate_sec", rate(drops - last.drops));
      const share = produced > last.produced ? ((drops - last.drops) / (produced - last.produced)) * 100 : 0;
      fields.set("scap.n_drops_perc", Math.round(share * 10) / 10);
      for (const [cause, count] of Object.entries(source.dropped)) add(`scap.n_drops_${sanitise(cause)}`, count);
    }
    last = { at: now, events, produced, drops, cpu };
    return fields;
  };
}

/** As Falco names counters after rules and files: what is neither letter nor digit becomes one underscore. */
function sanitise(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
}
