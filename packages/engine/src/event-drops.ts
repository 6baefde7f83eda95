import type { FieldValue, SourceCounters } from "@falco-efk/event";
import type { SyscallEventDropsSection } from "./config/config.ts";

/** What the watch asks the engine to do. */
export interface DropActions {
  log(message: string): void;
  alert(rule: string, message: string, fields: ReadonlyMap<string, FieldValue>): void;
  /** The drops are too many to go on. */
  exit(message: string): void;
}

const RULE = "Falco internal: syscall event drop";

/**
 * Looks at the kernel's counters once a second and acts when the share of dropped events is above the threshold, no
 * more often than a token bucket allows. Answers the function to call each second with the counters and the time in ms.
 */
export function createDropWatch(
  section: SyscallEventDropsSection,
  actions: DropActions,
): (counters: SourceCounters, now: number) => void {
  let last = { produced: 0, dropped: new Map<string, number>() };
  let tokens = section.max_burst;
  let refilledAt: number | null = null;

  const claim = (now: number): boolean => {
    tokens = Math.min(section.max_burst, tokens + ((now - (refilledAt ?? now)) / 1000) * section.rate);
    refilledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };

  return (counters, now) => {
    const dropped = new Map(Object.entries(counters.dropped));
    const byCause = new Map([...dropped].map(([cause, count]) => [cause, count - (last.dropped.get(cause) ?? 0)]));
    const produced = counters.produced - last.produced;
    last = { produced: counters.produced, dropped };
    let lost = [...byCause.values()].reduce((sum, count) => sum + count, 0);
    if (section.simulate_drops) lost += 1;
    const threshold = section.simulate_drops ? 0 : section.threshold;
    if (lost === 0 || lost / Math.max(produced, lost) <= threshold || !claim(now)) return;
    const message = `${RULE}. ${lost} system calls dropped in last second.`;
    const fields = new Map<string, FieldValue>([
      ["ebpf_enabled", "1"],
      ["n_drops", String(lost)],
      ["n_drops_buffer_total", String(byCause.get("ring-full") ?? 0)],
      ["n_drops_page_faults", String(byCause.get("read-fault") ?? 0)],
      ["n_drops_scratch_map", String(byCause.get("scratch-busy") ?? 0)],
      ["n_evts", String(Math.max(produced, lost))],
    ]);
    for (const action of section.actions) {
      if (action === "log") actions.log(message);
      if (action === "alert") actions.alert(RULE, message, fields);
      if (action === "exit") actions.exit(message);
    }
  };
}
