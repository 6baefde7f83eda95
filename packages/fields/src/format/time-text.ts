const NS = 1_000_000_000n;
const pad = (value: number | bigint, width: number): string => value.toString().padStart(width, "0");

/** Nanoseconds within the second as nine digits. */
export function nanosecondText(time: bigint): string {
  return pad(time % NS, 9);
}

/** Local time of day, `12:43:52.640375428`, or without the fraction. */
export function timeText(time: bigint, fraction: boolean): string {
  const date = new Date(Number(time / 1_000_000n));
  const text = `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}`;
  return fraction ? `${text}.${nanosecondText(time)}` : text;
}

/** Local date and time, `2026-11-22 12:43:52.640375428`, or without the fraction. */
export function dateTimeText(time: bigint, fraction: boolean): string {
  const date = new Date(Number(time / 1_000_000n));
  return `${date.getFullYear()}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)} ${timeText(time, fraction)}`;
}

/** UTC in ISO 8601 as Falco writes it: `2026-11-22T12:43:52.640375428+0000`. */
export function iso8601Text(time: bigint): string {
  return `${new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19)}.${nanosecondText(time)}+0000`;
}

/** Local date and time with the zone, as a parameter that is a time prints. */
export function zonedTimeText(time: bigint): string {
  const minutes = -new Date(Number(time / 1_000_000n)).getTimezoneOffset();
  const sign = minutes < 0 ? "-" : "+";
  const zone = `${pad(Math.floor(Math.abs(minutes) / 60), 2)}${pad(Math.abs(minutes) % 60, 2)}`;
  return `${dateTimeText(time, true)} ${sign}${zone}`;
}
