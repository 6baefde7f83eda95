const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a duration in a configuration looks like: `500ms`, `10s`, `5m`, `3h`, `1h30m`, `2d`, or `0`. */
export const DURATION_PATTERN = "^(?:0|(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h|d))+)$";

/** A duration in ms. The text has been checked against `DURATION_PATTERN`. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  }
  return total;
}
