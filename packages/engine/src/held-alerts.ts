/** Counters of alerts that waited for their container: `held = released by an answer + timedOut + waiting`. */
export interface HeldCounters {
  readonly held: number;
  readonly timedOut: number;
  readonly waiting: number;
}

/** Alerts that wait for what the container runtime says, each for a set time at most, and not more than so many. */
export class HeldAlerts {
  private readonly waitMs: number;
  private readonly most: number;
  private readonly waiting = new Set<() => void>();
  private open = true;
  private held = 0;
  private timedOut = 0;

  constructor(waitMs: number, most = 10_000) {
    this.waitMs = waitMs;
    this.most = most;
  }

  /** True when an alert may wait; else it goes at once. */
  get hasRoom(): boolean {
    return this.open && this.waitMs > 0 && this.waiting.size < this.most;
  }

  /** Calls `release` once: when `known` resolves, when the time is up, or at `releaseAll`. */
  hold(known: Promise<void>, release: () => void): void {
    this.held += 1;
    const timer = setTimeout(() => {
      this.timedOut += 1;
      go();
    }, this.waitMs);
    const go = (): void => {
      if (!this.waiting.delete(go)) return;
      clearTimeout(timer);
      release();
    };
    this.waiting.add(go);
    known.then(go, go);
  }

  /** Lets all go at once, as the engine does at its end. Answers how many. */
  releaseAll(): number {
    const all = [...this.waiting];
    for (const go of all) go();
    return all.length;
  }

  /** Whether alerts may wait from now on. */
  mayWait(open: boolean): void {
    this.open = open;
  }

  counters(): HeldCounters {
    return { held: this.held, timedOut: this.timedOut, waiting: this.waiting.size };
  }
}
