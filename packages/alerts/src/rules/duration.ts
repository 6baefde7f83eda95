const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads `5m`, `10 minutes`, `1 hour` as seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^\s*(\d+)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)\s*$/i.exec(text);
  if (match === null) return null;
  const seconds = Number(match[1]) * (UNITS[(match[2] as string)[0]?.toLowerCase() as string] ?? 0);
  return seconds > 0 && Number.isSafeInteger(seconds) ? seconds : null;
}

/** `5 minutes`, `1 hour`, `90 seconds`: in the largest unit that gives a whole number. */
export function formatDuration(seconds: number): string {
  for (const [unit, name] of [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ] as const) {
    if (seconds >= unit && seconds % unit === 0) return count(seconds / unit, name);
  }
  return count(seconds, "second");
}

function count(value: number, name: string): string {
  return `${value} ${name}${value === 1 ? "" : "s"}`;
}
