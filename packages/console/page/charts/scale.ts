/** Round values from 0 up to at least `max`: what an axis shows. About `count` of them, the last one the axis' end. */
export function valueTicks(max: number, count = 4): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  // Counts are whole: between 0 and 3 there is no 0.5.
  const whole = Number.isInteger(max) ? Math.max(1, Math.ceil(step)) : step;
  const steps = Math.ceil(max / whole - 1e-9);
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * whole).toPrecision(12)));
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30]
  .map((seconds) => seconds * 1_000)
  .concat([1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000))
  .concat([1, 2, 3, 6, 12].map((hours) => hours * 3_600_000))
  .concat([1, 2, 7, 14, 30, 90, 365].map((days) => days * 86_400_000));

/** Times on round local clock values between two moments, at most `count`; `step` says how far apart. */
export function timeTicks(
  from: number,
  to: number,
  count: number,
): { readonly times: number[]; readonly step: number } {
  const span = Math.max(1, to - from);
  const step = TIME_STEPS.find((candidate) => span / candidate <= count) ?? 365 * 86_400_000;
  // Local midnight, not UTC's: people read hours of their own day.
  const offset = new Date(from).getTimezoneOffset() * 60_000;
  const times: number[] = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) times.push(at);
  return { times, step };
}
