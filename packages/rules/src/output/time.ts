const NANOSECONDS = 1_000_000_000n;

function fraction(time: bigint): string {
  return (time % NANOSECONDS).toString().padStart(9, "0");
}

function utcSeconds(time: bigint): string {
  return new Date(Number(time / NANOSECONDS) * 1000).toISOString().slice(0, 19);
}

/** `2024-03-18T15:15:10.823823828Z`: the `time` of an alert in JSON, from nanoseconds since the epoch. */
export function formatIsoTime(time: bigint): string {
  return `${utcSeconds(time)}.${fraction(time)}Z`;
}

/** `2024-03-18T15:15:10.823823828+0000`: what `%evt.time.iso8601` shows; always in UTC, as Falco does. */
export function formatIsoOffsetTime(time: bigint): string {
  return `${utcSeconds(time)}.${fraction(time)}+0000`;
}

/** `15:15:10.823823828` in the local time zone: what `%evt.time` shows. */
export function formatClockTime(time: bigint): string {
  const date = new Date(Number(time / NANOSECONDS) * 1000);
  const pad = (part: number): string => part.toString().padStart(2, "0");
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${fraction(time)}`;
}
