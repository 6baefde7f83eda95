import type { Column } from "../columns/column.ts";
import { allDocuments } from "../columns/counted.ts";

/** Which documents of a segment match: one byte each, or all (`true`), or none (`false`). */
export type Mask = Uint8Array | boolean;

/** A mask by four documents at once; up to three at its end are left over. */
function fours(mask: Uint8Array): Uint32Array {
  return new Uint32Array(mask.buffer, mask.byteOffset, mask.length >> 2);
}

/** Documents in both. May change `a`. */
export function andMasks(a: Mask, b: Mask): Mask {
  if (a === false || b === false) {
    return false;
  }
  if (a === true) {
    return b;
  }
  if (b === true) {
    return a;
  }
  const [words, others] = [fours(a), fours(b)];
  for (let i = 0; i < words.length; i++) {
    words[i] = (words[i] as number) & (others[i] as number);
  }
  for (let i = words.length * 4; i < a.length; i++) {
    a[i] = (a[i] as number) & (b[i] as number);
  }
  return a;
}

/** Documents in either. May change `a`. */
export function orMasks(a: Mask, b: Mask): Mask {
  if (a === true || b === true) {
    return true;
  }
  if (a === false) {
    return b;
  }
  if (b === false) {
    return a;
  }
  const [words, others] = [fours(a), fours(b)];
  for (let i = 0; i < words.length; i++) {
    words[i] = (words[i] as number) | (others[i] as number);
  }
  for (let i = words.length * 4; i < a.length; i++) {
    a[i] = (a[i] as number) | (b[i] as number);
  }
  return a;
}

/** Documents not in it. May change `a`. */
export function notMask(a: Mask): Mask {
  if (typeof a === "boolean") {
    return !a;
  }
  for (let i = 0; i < a.length; i++) {
    a[i] = (a[i] as number) ^ 1;
  }
  return a;
}

/** How many documents match. */
export function countMask(mask: Mask, documents: number): number {
  if (typeof mask === "boolean") {
    return mask ? documents : 0;
  }
  // Four bytes are added at once; each holds sums up to 255 before they are taken out.
  const words = fours(mask);
  let count = 0;
  for (let from = 0; from < words.length; from += 255) {
    const end = Math.min(from + 255, words.length);
    let sums = 0;
    for (let i = from; i < end; i++) {
      sums = (sums + (words[i] as number)) | 0;
    }
    count += (sums & 255) + ((sums >>> 8) & 255) + ((sums >>> 16) & 255) + (sums >>> 24);
  }
  for (let i = words.length * 4; i < mask.length; i++) {
    count += mask[i] as number;
  }
  return count;
}

/** One document in so many, or fewer, are found by searching the mask for the next one. */
const SPARSE = 64;

/** The matching documents' numbers. The list may be shared: it must not be changed. */
export function maskDocuments(mask: Mask, documents: number): Uint32Array {
  if (mask === false) {
    return new Uint32Array(0);
  }
  if (mask === true) {
    return allDocuments(documents);
  }
  const list = new Uint32Array(countMask(mask, documents));
  if (list.length * SPARSE < mask.length) {
    const bytes = Buffer.from(mask.buffer, mask.byteOffset, mask.length);
    let document = -1;
    for (let at = 0; at < list.length; at++) {
      document = bytes.indexOf(1, document + 1);
      list[at] = document;
    }
    return list;
  }
  let at = 0;
  for (let i = 0; at < list.length; i++) {
    if (mask[i] === 1) {
      list[at++] = i;
    }
  }
  return list;
}

/** Documents with a value whose ordinal is `from` to `to`, both included. */
export function maskOfRange(column: Column, from: number, to: number, documents: number): Mask {
  if (from > to) {
    return false;
  }
  if (column.ascending && from <= 1 && to >= column.size) {
    return true;
  }
  const { ordinals, starts } = column;
  if (column.ascending) {
    const first = firstAtLeast(ordinals, from);
    const end = firstAtLeast(ordinals, to + 1);
    if (first === end) {
      return false;
    }
    return first === 0 && end === documents ? true : new Uint8Array(documents).fill(1, first, end);
  }
  const mask = new Uint8Array(documents);
  if (starts) {
    for (let d = 0; d < documents; d++) {
      for (let at = starts[d] as number; at < (starts[d + 1] as number); at++) {
        const ordinal = ordinals[at] as number;
        if (ordinal >= from && ordinal <= to) {
          mask[d] = 1;
        }
      }
    }
    return mask;
  }
  if (from === to) {
    for (let d = 0; d < documents; d++) {
      mask[d] = ordinals[d] === from ? 1 : 0;
    }
    return mask;
  }
  for (let d = 0; d < documents; d++) {
    const ordinal = ordinals[d] as number;
    mask[d] = ordinal >= from && ordinal <= to ? 1 : 0;
  }
  return mask;
}

/** Documents of a view with a value whose ordinal is flagged. Entry 0, "no value", must be 0. */
export function maskOfFlags(
  column: Column,
  flags: Uint8Array,
  { documents, among }: { readonly documents: number; readonly among: Uint32Array | null },
): Mask {
  const { ordinals, starts } = column;
  const mask = new Uint8Array(documents);
  if (among && !starts) {
    for (let i = 0; i < among.length; i++) {
      const document = among[i] as number;
      mask[document] = flags[ordinals[document] as number] as number;
    }
    return mask;
  }
  if (starts) {
    for (let d = 0; d < documents; d++) {
      for (let at = starts[d] as number; at < (starts[d + 1] as number); at++) {
        mask[d] = (mask[d] as number) | (flags[ordinals[at] as number] as number);
      }
    }
    return mask;
  }
  for (let d = 0; d < documents; d++) {
    mask[d] = flags[ordinals[d] as number] as number;
  }
  return mask;
}

/** The first place in ascending ordinals whose entry is not below `ordinal`. */
export function firstAtLeast(ordinals: ArrayLike<number>, ordinal: number): number {
  let low = 0;
  let high = ordinals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordinals[middle] as number) < ordinal) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
