import type { FieldValue } from "@falco-efk/event";
import { collectGarbage, freeMemoryWhenIdle, type Logger, UserError } from "@falco-efk/kit";
import { releaseMemory } from "@falco-efk/probe";
import type { MaxRss } from "../config/max-rss.ts";
import { type BudgetReport, type Detail, MemoryBudget } from "./memory-budget.ts";
import { formatSize } from "./size.ts";

const RULE = "Falco internal: memory budget";
/** What comes back of Node's code and constants once events are handled. */
const CODE = 24 * 1024 ** 2;
/** What a budget must leave above what the program needs. */
const LEAST_ROOM = 24 * 1024 ** 2;
/** Bytes of text that one output's queue holds at most, whatever its capacity in lines. */
const MOST_QUEUED = 128 * 1024 ** 2;
/** The queues' share of the room. */
const QUEUED = 0.4;
const LOOK_MS = 1000;
/** Below this share of a CPU some ten milliseconds for freeing memory hurt nobody. */
const IDLE = 0.05;

/** What happened to details of one kind. */
export interface DetailCounters {
  /** Let go to save memory. */
  readonly shed: number;
  /** Asked for afterwards, and read again from the system. */
  readonly reread: number;
  /** Asked for afterwards, and known to nobody any more. */
  readonly missing: number;
}

/** The engine's memory as metrics show it: sizes in bytes, counters since the start. */
export interface MemoryView {
  /** Resident, without the kernel's ring buffer. */
  readonly used: number;
  /** 0: no budget. */
  readonly budget: number;
  /** Times that garbage was collected to stay within it. */
  readonly collections: number;
  readonly details: Readonly<Record<string, DetailCounters>>;
}

/** What was asked for after it had been let go, by detail. */
export type AskedDetails = () => Readonly<Record<string, Omit<DetailCounters, "shed">>>;

export interface EngineMemoryOptions {
  /** What can go, in order. */
  readonly details: readonly Detail[];
  readonly asked: AskedDetails;
  /** Bytes of the kernel's ring that are mapped into this process. They are the kernel's, whatever is done here. */
  readonly mapped: () => number;
  /** Gives memory back as soon as the program has become idle, with a budget or without. */
  readonly freeWhenIdle: boolean;
  readonly log: Logger;
}

/** How the engine tells of its own what it has let go. */
export type InternalAlert = (rule: string, message: string, fields: ReadonlyMap<string, FieldValue>) => void;

/** Measures the engine's memory and keeps it within `engine.max_rss`, where there is one. */
export class EngineMemory {
  private readonly options: EngineMemoryOptions;
  private readonly details: Detail[];
  private readonly budget: MemoryBudget;
  private readonly stops: (() => void)[] = [];
  private need: number | null = null;
  private alert: InternalAlert = () => undefined;

  constructor(options: EngineMemoryOptions) {
    this.options = options;
    this.details = [...options.details];
    this.budget = new MemoryBudget({
      details: this.details,
      used: () => this.used(),
      collect: () => {
        collectGarbage();
        releaseMemory(false);
      },
      now: () => performance.now(),
      report: (report) => this.report(report),
    });
  }

  /** Takes one more kind of detail, which goes last, and who is told of what goes. */
  join(detail: Detail, alert: InternalAlert): void {
    this.details.push(detail);
    this.alert = alert;
  }

  /** Begins to look after the memory. */
  start(): void {
    const timer = setInterval(() => this.look(), LOOK_MS);
    timer.unref();
    this.stops.push(() => clearInterval(timer));
    if (!this.options.freeWhenIdle) return;
    // What the start left behind, whether it gets idle soon or not.
    freeMemory();
    this.stops.push(freeMemoryWhenIdle({ everyMs: LOOK_MS, idle: IDLE, free: freeMemory }));
  }

  /** Throws UserError (`MEMORY_BUDGET`) when a budget is below what the engine needs once all is loaded. */
  check(wanted: MaxRss): void {
    if (wanted.bytes === 0) return;
    const least = this.needed() + LEAST_ROOM;
    if (wanted.bytes >= least) return;
    throw new UserError(
      `${formatSize(wanted.bytes)} is less than the engine needs with these rules: ${formatSize(least)}`,
      { code: "MEMORY_BUDGET", ...wanted.place, hint: "allow more, or load fewer rules" },
    );
  }

  /** Takes a budget. Throws as `check` does; the one before stays then. */
  take(wanted: MaxRss): void {
    this.check(wanted);
    if (wanted.bytes === 0) this.budget.set(0, 0);
    else this.budget.set(wanted.bytes, this.needed());
  }

  /** Sees to the budget; cheap. */
  look(): void {
    this.budget.look();
  }

  /** Bytes of text that the queues of so many outputs may hold, each. */
  queueBytes(outputs: number): number {
    return Math.min(MOST_QUEUED, (this.budget.room * QUEUED) / Math.max(1, outputs));
  }

  view(): MemoryView {
    const { shed, used, budget, collections } = this.budget.counters();
    const asked = this.options.asked();
    const entries = Object.entries(shed).map(([name, count]): [string, DetailCounters] => [
      name,
      { reread: 0, missing: 0, ...asked[name], shed: count },
    ]);
    return { used, budget, collections, details: Object.fromEntries(entries) };
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** Measured once, before the state has grown. */
  private needed(): number {
    if (this.need === null) {
      freeMemory();
      this.need = this.used() + CODE;
    }
    return this.need;
  }

  private used(): number {
    return Math.max(0, process.memoryUsage.rss() - this.options.mapped());
  }

  private report({ used, budget, shed, exhausted }: BudgetReport): void {
    const gone = [...shed].map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`).join(", ");
    const what = gone === "" ? "" : ` ${gone} were let go.`;
    const rest = exhausted ? " There is nothing left to let go of." : "";
    const message = `${RULE}. ${formatSize(used)} of ${formatSize(budget)} are used.${what}${rest}`;
    this.options.log.warn(message);
    const counts = [...shed].map(([name, count]): [string, FieldValue] => [`n_${name}`, String(count)]);
    this.alert(
      RULE,
      message,
      new Map<string, FieldValue>([
        ["memory_budget", formatSize(budget)],
        ["memory_used", formatSize(used)],
        ...counts,
      ]),
    );
  }
}

/** Gives back all that nothing holds or uses, the code that ran at the start too. */
function freeMemory(): void {
  collectGarbage();
  releaseMemory(true);
}
