const ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const DIGITS = Buffer.from(ALPHABET);

/** Bytes of the offset's part of an id: 48 bits. */
export const OFFSET_ID_LENGTH = 8;

/**
 * The document id of the record at `offset` in a generation: 22 characters of the generation, 8 of the offset. It's
 * injective, so two records never share one, and ids of one file sort as its lines do.
 */
export function recordId(generation: string, offset: number): string {
  const target = Buffer.alloc(OFFSET_ID_LENGTH);
  writeOffsetId(target, 0, offset);
  return generationId(generation) + target.toString("latin1");
}

/** The first part of all ids of a generation. */
export function generationId(generation: string): string {
  return Buffer.from(generation, "hex").toString("base64url");
}

/** Writes the second part of an id. */
export function writeOffsetId(target: Uint8Array, at: number, offset: number): void {
  let high = Math.floor(offset / 0x1000000);
  let low = offset % 0x1000000;
  for (let index = 3; index >= 0; index--) {
    target[at + 4 + index] = DIGITS[low & 63] ?? 0;
    target[at + index] = DIGITS[high & 63] ?? 0;
    low >>>= 6;
    high >>>= 6;
  }
}
