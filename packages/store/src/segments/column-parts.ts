import type { Ordinals } from "../columns/column.ts";
import type { Numbers } from "../columns/number-table.ts";
import type { ValueHashes } from "../columns/value-hashes.ts";
import type { Value } from "../values/value.ts";
import type { SectionWriter } from "./sections.ts";

/** Bytes that an ordinal of a dictionary of `size` values takes. */
export function ordinalWidth(size: number): 1 | 2 | 4 {
  return size < 256 ? 1 : size < 65_536 ? 2 : 4;
}

/** Room for the ordinals of a dictionary of `size` values. */
export function makeOrdinals(size: number, length: number): Ordinals & { readonly buffer: ArrayBuffer } {
  const width = ordinalWidth(size);
  return width === 1 ? new Uint8Array(length) : width === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

/** Whether every document has a value and ordinals never go down. */
export function isAscending(ordinals: Ordinals): boolean {
  for (let i = 1; i < ordinals.length; i++) {
    if ((ordinals[i] as number) < (ordinals[i - 1] as number)) {
      return false;
    }
  }
  return ordinals.length > 0 && ordinals[0] !== 0;
}

/** A number as the table of contents keeps it; null for a string. */
export function edge(value: Value | undefined): number | string | null {
  return typeof value === "bigint" ? String(value) : typeof value === "number" ? value : null;
}

/** Sorted numbers as they are stored: as integers when one is too large for a double. */
export function toNumbers(values: readonly Value[]): Numbers {
  return values.some((value) => typeof value === "bigint")
    ? BigInt64Array.from(values as (number | bigint)[], (value) => BigInt(value))
    : Float64Array.from(values as number[]);
}

/** Dictionaries beyond this have their hashes in the file, unless each document has a value of its own, in order. */
const HASHES_FROM = 256;

/** Writes the hashes of a dictionary of strings, where questions about many values will want them. */
export function writeHashes(
  writer: SectionWriter<unknown>,
  name: string,
  column: { readonly dictionary: string; readonly size: number; readonly counted: boolean },
  hashes: () => ValueHashes,
): void {
  if (column.dictionary === "string" && column.size > HASHES_FROM && !column.counted) {
    const { high, low } = hashes();
    writer.add(
      `${name}/hashes`,
      [high, low].map(({ buffer }) => Buffer.from(buffer)),
    );
  }
}
