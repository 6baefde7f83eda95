/** What evaluating events cost. */
export interface Rate {
  readonly eventsPerSecond: number;
  /** CPU time of one event, nanoseconds. */
  readonly nanoseconds: number;
  /** Share of the events that matched some rule. */
  readonly matched: number;
}

const PARTS = 8;

/** Runs for about `milliseconds` and gives the best of several parts, the one that the machine's other work disturbed least. */
export function measure<T>(mix: readonly T[], evaluate: (entry: T) => boolean, milliseconds: number): Rate {
  // V8 compiles what is hot on another thread: so long has it time for that before anything counts.
  const warm = performance.now() + milliseconds;
  do for (const entry of mix) evaluate(entry);
  while (performance.now() < warm);
  let best = Number.POSITIVE_INFINITY;
  let matched = 0;
  for (let part = 0; part < PARTS; part++) {
    const start = process.threadCpuUsage();
    const end = performance.now() + milliseconds / PARTS;
    let events = 0;
    do {
      matched = 0;
      for (const entry of mix) if (evaluate(entry)) matched++;
      events += mix.length;
    } while (performance.now() < end);
    const { user, system } = process.threadCpuUsage(start);
    best = Math.min(best, ((user + system) * 1000) / events);
  }
  return { eventsPerSecond: Math.round(1e9 / best), nanoseconds: round(best), matched: matched / mix.length };
}

/** One line of the result. */
export function rateLine(what: string, { eventsPerSecond, nanoseconds, matched }: Rate): string {
  const rate = eventsPerSecond.toLocaleString("en").padStart(12);
  return `${what.padEnd(50)} ${rate} events/s ${nanoseconds.toFixed(0).padStart(7)} ns of CPU an event, ${(100 * matched).toFixed(2)} % match`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
