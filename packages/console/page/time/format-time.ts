const pad = (value: number, width = 2): string => String(value).padStart(width, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `22 Nov 2026 23:52:03.116`, in the machine's own time zone. */
export function formatTime(time: number): string {
  const date = new Date(time);
  return `${formatDay(time)} ${date.getFullYear()} ${formatClock(time)}.${pad(date.getMilliseconds(), 3)}`;
}

/** `23:52:03` */
export function formatClock(time: number): string {
  const date = new Date(time);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** `22 Nov` */
export function formatDay(time: number): string {
  const date = new Date(time);
  return `${date.getDate()} ${MONTHS[date.getMonth()] ?? ""}`;
}

/** `22 Nov 23:52:03`, for ends of ranges. */
export function formatShort(time: number): string {
  return `${formatDay(time)} ${formatClock(time)}`;
}

/** What `<input type="datetime-local">` wants, to the second. */
export function toLocalInput(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${formatClock(time)}`;
}

/** A tick's label: as much of the time as the step between ticks calls for. */
export function formatTick(time: number, stepMs: number): string {
  const date = new Date(time);
  if (stepMs >= 86_400_000) return formatDay(time);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (midnight) return formatDay(time);
  if (stepMs >= 60_000) return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return formatClock(time);
}
