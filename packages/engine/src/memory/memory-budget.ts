/** One kind of detail that can be let go of to save memory. */
export interface Detail {
  /** As counters name it. */
  readonly name: string;
  /** Lets go of what there is of it. Answers how many pieces. */
  letGo(): number;
  /** There is room again: keeps it as before. */
  keep(): void;
}

/** What the budget is told of and tells. */
export interface BudgetParts {
  /** In the order in which they go. */
  readonly details: readonly Detail[];
  /** Bytes that count now. */
  readonly used: () => number;
  /** Frees what nothing holds any more. */
  readonly collect: () => void;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Told of what went, at most once a minute. */
  readonly report: (report: BudgetReport) => void;
}

/** What was let go of since the last report. */
export interface BudgetReport {
  readonly used: number;
  readonly budget: number;
  readonly shed: ReadonlyMap<string, number>;
  /** There is nothing left to let go of, and memory is still above the budget. */
  readonly exhausted: boolean;
}

/** Where the budget stands; sizes in bytes, counters since the start. */
export interface BudgetCounters {
  /** 0: no budget. */
  readonly budget: number;
  readonly used: number;
  readonly collections: number;
  readonly shed: Readonly<Record<string, number>>;
}

const LOOK_MS = 5;
/** Shares of the room between what the program needs and the budget: above `HIGH` details go, down to `LOW`. */
const HIGH = 0.7;
const LOW = 0.5;
/** Above this share nothing waits. */
const URGENT = 0.85;
/** A step that frees fewer bytes than this is not enough: the next kind goes too. */
const LITTLE = 512 * 1024;
/** What has to be saved again so soon was not enough. */
const PRESSING_MS = 500;
/** Time without saving after it, in times of what it took. */
const REST = 3;
const CALM_MS = 60_000;
const REPORT_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 10_000;

/**
 * Keeps the program within a memory budget. Once 70 % of the room are used it collects garbage; where that is
 * not enough it lets go of details step by step, until half of the room is free. The next kind goes only when the ones
 * before it have nothing more to give and as much is used still, or is so again at once. After a calm minute all is kept again. Everything
 * that goes is counted.
 */
export class MemoryBudget {
  readonly #parts: BudgetParts;
  readonly #shed = new Map<string, number>();
  #unreported = new Map<string, number>();
  #budget = 0;
  #need = 0;
  #collections = 0;
  /** How many kinds go at a step. */
  #depth = 1;
  #saving = false;
  /** Something is kept less of than usual. */
  #scarce = false;
  #pauseMs = FIRST_PAUSE_MS;
  #tryAgainAt = 0;
  /** What was used when all had gone. */
  #floor = 0;
  #nextLook = 0;
  #savedAt = Number.NEGATIVE_INFINITY;
  #restUntil = 0;
  /** It was not enough the last time. */
  #pressing = false;
  #calmSince: number | null = null;
  #reportedAt: number | null = null;

  constructor(parts: BudgetParts) {
    this.#parts = parts;
  }

  /** Sets the budget (0: none) and what the program needs in any case, bytes. */
  set(budget: number, need: number): void {
    this.#budget = budget;
    this.#need = Math.min(need, budget);
    this.#nextLook = 0;
    this.#tryAgainAt = 0;
  }

  /** Bytes above what the program needs; all there are without a budget. */
  get room(): number {
    return this.#budget === 0 ? Number.POSITIVE_INFINITY : this.#budget - this.#need;
  }

  /** Looks how things stand. Cheap: call it after every batch of events, and now and then without events. */
  look(): void {
    if (this.#budget === 0) return;
    const now = this.#parts.now();
    if (now < this.#nextLook) return;
    this.#nextLook = now + LOOK_MS;
    const used = this.#parts.used();
    // Well within the budget, saving takes no more than a part of the time: else the events would have none.
    if (now < this.#restUntil && used <= this.#share(URGENT)) return;
    const again = now >= this.#tryAgainAt || used > this.#floor + this.room / 20;
    if (!this.#saving && used >= this.#share(HIGH) && again) {
      this.#saving = true;
      this.#pressing = now - this.#savedAt < PRESSING_MS;
    }
    if (this.#saving) this.#saveFrom(now);
    else this.#relax(now, used);
    this.#reportDue(now);
  }

  counters(): BudgetCounters {
    return {
      budget: this.#budget,
      used: this.#parts.used(),
      collections: this.#collections,
      shed: Object.fromEntries(this.#parts.details.map(({ name }) => [name, this.#shed.get(name) ?? 0])),
    };
  }

  #share(of: number): number {
    return this.#need + this.room * of;
  }

  #saveFrom(begin: number): void {
    this.#save(begin);
    this.#savedAt = this.#parts.now();
    this.#restUntil = this.#savedAt + REST * (this.#savedAt - begin);
  }

  /** One step that frees something; more of them at once only close to the budget itself. */
  #save(now: number): void {
    this.#calmSince = null;
    let used = this.#collect();
    while (used > this.#share(LOW)) {
      const before = used;
      if (this.#letGo()) used = this.#collect();
      if (before - used > Math.min(LITTLE, this.room / 50)) {
        if (used > this.#share(URGENT)) continue;
        // The events that came meanwhile go first; the next look goes on here.
        if (used > this.#share(LOW)) return;
      } else if (used < this.#share(HIGH) && !this.#pressing) {
        break;
      } else if (this.#depth < this.#parts.details.length) {
        this.#depth++;
      } else {
        // All went that can go. Until more is used, trying again at every look would only cost time.
        this.#saving = false;
        this.#floor = used;
        this.#tryAgainAt = now + this.#pauseMs;
        this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS);
        return;
      }
    }
    this.#saving = false;
    this.#depth = 1;
    this.#pauseMs = FIRST_PAUSE_MS;
  }

  /** Lets go of as many kinds as the depth says. Answers whether there was anything. */
  #letGo(): boolean {
    let any = false;
    for (const { name, letGo } of this.#parts.details.slice(0, this.#depth)) {
      const pieces = letGo();
      if (pieces === 0) continue;
      any = true;
      this.#shed.set(name, (this.#shed.get(name) ?? 0) + pieces);
      this.#unreported.set(name, (this.#unreported.get(name) ?? 0) + pieces);
    }
    this.#scarce ||= any;
    return any;
  }

  #relax(now: number, used: number): void {
    if (!this.#scarce || used >= this.#share(LOW)) {
      this.#calmSince = null;
      return;
    }
    this.#calmSince ??= now;
    if (now - this.#calmSince < CALM_MS) return;
    this.#scarce = false;
    for (const detail of this.#parts.details) detail.keep();
  }

  #collect(): number {
    this.#collections++;
    this.#parts.collect();
    return this.#parts.used();
  }

  #reportDue(now: number): void {
    const used = this.#parts.used();
    const exhausted = used > this.#budget;
    if (this.#unreported.size === 0 && !exhausted) return;
    if (this.#reportedAt !== null && now - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now;
    this.#parts.report({ used, budget: this.#budget, shed: this.#unreported, exhausted });
    this.#unreported = new Map();
  }
}
