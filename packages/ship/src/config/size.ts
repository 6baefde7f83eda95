const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 2 ** 10,
  kib: 2 ** 10,
  mb: 2 ** 20,
  mib: 2 ** 20,
  gb: 2 ** 30,
  gib: 2 ** 30,
};

/** What a size in a configuration looks like: `65536`, `64KiB`, `10MB`, `1GiB`. Units count by 1024. */
export const SIZE_PATTERN = "^\\d+(?:\\.\\d+)?\\s*(?:[Bb]|[KkMmGg][Ii]?[Bb])?$";

/** A size in bytes. A text has been checked against `SIZE_PATTERN`. */
export function sizeBytes(size: string | number): number {
  if (typeof size === "number") return size;
  const [, amount = "0", unit = ""] = /^([\d.]+)\s*([a-z]*)$/i.exec(size) ?? [];
  return Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? 1));
}
