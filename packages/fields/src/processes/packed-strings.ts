import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Packs strings without NUL into a few bytes. */
export function packStrings(strings: readonly string[]): Uint8Array {
  return deflateRawSync(strings.join("\0"), { level: 1 });
}

/** Undoes `packStrings`; there was at least one string. */
export function unpackStrings(packed: Uint8Array): readonly string[] {
  return inflateRawSync(packed).toString("utf8").split("\0");
}

/** The length of all strings together. */
export function charactersOf(strings: readonly string[]): number {
  return strings.reduce((sum, text) => sum + text.length, 0);
}
