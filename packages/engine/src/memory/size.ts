const SIZE = /^(\d{1,9}) ?([mg])(i?b)?$/i;
const MEGABYTE = 1024 ** 2;

/** Reads a size such as `160M` or `1 GiB` as bytes; 0 needs no unit. Null when it is none. */
export function parseSize(text: string): number | null {
  if (text === "0") return 0;
  const [, count, unit] = SIZE.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  return Number(count) * (unit.toLowerCase() === "g" ? 1024 * MEGABYTE : MEGABYTE);
}

/** A size in whole megabytes, rounded up: `112M`. */
export function formatSize(bytes: number): string {
  return `${Math.ceil(bytes / MEGABYTE)}M`;
}
