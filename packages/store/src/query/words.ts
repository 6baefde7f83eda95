import type { Column, Postings } from "../columns/column.ts";
import type { Field } from "../mapping/field.ts";
import { NOTHING, type Plan } from "./context.ts";
import { andMasks, type Mask, maskOfFlags, maskOfRange } from "./mask.ts";
import type { SegmentView } from "./segment-view.ts";

/** The documents of lists of up to so many values are counted, in dictionaries of up to so many. */
const COUNTED = 64;
const SMALL_DICTIONARY = 65_536;
/** Documents up to which the words of each one's values are looked up, instead of each word's values. */
const FEW_DOCUMENTS = 4096;

/** Documents with one of the words in an analyzed field, or with `all` those with all of them. */
export function planWords(view: SegmentView, field: Field, words: readonly string[], all: boolean): Plan {
  const column = view.column(field.column);
  const lists = column ? findLists(column, words) : [];
  if (!column || lists.length === 0 || (all && lists.length < words.length)) {
    return NOTHING;
  }
  const guesses = lists.map((list) =>
    list.count <= COUNTED ? aboutValues(view, column, list.ordinals) : (view.documents / column.size) * list.count,
  );
  return all
    ? { about: Math.min(...guesses), mask: (seen) => withAll(seen, column, lists) }
    : { about: guesses.reduce((sum, one) => sum + one, 0), mask: (seen) => withAny(seen, column, lists) };
}

/** Documents with one of the words in an analyzed field. */
export function wordsMask(view: SegmentView, field: Field, words: readonly string[]): Mask {
  return planWords(view, field, words, false).mask(view);
}

function withAny(view: SegmentView, column: Column, lists: readonly Postings[]): Mask {
  // The lists of a segment that is still written may hold values that came after the search began.
  if (column.sorted && lists.some(({ count }) => count === column.size)) {
    return maskOfRange(column, 1, column.size, view.documents);
  }
  const asked = valuesAsked(view, column);
  const flags = new Uint8Array(column.size + 1);
  for (const list of lists) {
    if (asked) {
      const at = list.locate(asked);
      flag(
        flags,
        asked.filter((_, i) => (at[i] as number) >= 0),
      );
    } else {
      flag(flags, list.ordinals);
    }
  }
  return maskOfFlags(column, flags, view);
}

function withAll(view: SegmentView, column: Column, lists: readonly Postings[]): Mask {
  if (column.starts) {
    // Each word may stand in another one of a document's values.
    return lists.reduce<Mask>(
      (mask, list) => (mask === false ? false : andMasks(mask, withAny(view, column, [list]))),
      true,
    );
  }
  const rarestFirst = lists.toSorted((a, b) => a.count - b.count);
  let ordinals = valuesAsked(view, column) ?? firstOrdinals(column, rarestFirst.shift() as Postings);
  for (const list of rarestFirst) {
    const at = list.locate(ordinals);
    ordinals = ordinals.filter((_, i) => (at[i] as number) >= 0);
    if (ordinals.length === 0) {
      return false;
    }
  }
  return maskOfOrdinals(view, column, ordinals);
}

/** About how many documents have one of some values. */
export function aboutValues(view: SegmentView, column: Column, ordinals: Uint32Array | readonly number[]): number {
  const counts = ordinals.length <= COUNTED && column.size <= SMALL_DICTIONARY ? column.counts() : null;
  if (!counts) {
    return (view.documents / column.size) * ordinals.length;
  }
  let sum = 0;
  for (const ordinal of ordinals) {
    sum += counts[ordinal] as number;
  }
  return sum;
}

/** A list's ordinals, as far as the column has them: a segment that is still written may have more by now. */
export function firstOrdinals(column: Column, list: Postings): Uint32Array {
  const ordinals = new Uint32Array(list.ordinals);
  return (ordinals.at(-1) ?? 0) <= column.size ? ordinals : ordinals.filter((ordinal) => ordinal <= column.size);
}

/** Documents whose value is one of ascending ordinals. */
export function maskOfOrdinals(view: SegmentView, column: Column, ordinals: Uint32Array): Mask {
  const [first] = ordinals;
  if (first === undefined) {
    return false;
  }
  if (ordinals.length === 1 && !view.among) {
    return maskOfRange(column, first, first, view.documents);
  }
  const flags = new Uint8Array(column.size + 1);
  flag(flags, ordinals);
  return maskOfFlags(column, flags, view);
}

/** The values of the documents that are asked about, when those are few; null otherwise. */
export function valuesAsked(view: SegmentView, column: Column): Uint32Array | null {
  const { among } = view;
  if (!among || among.length > FEW_DOCUMENTS || column.starts) {
    return null;
  }
  const { ordinals } = column;
  const values = Uint32Array.from(among, (document) => ordinals[document] as number).sort();
  return values.filter((ordinal, i) => ordinal > 0 && ordinal !== values[i - 1]);
}

function findLists(column: Column, words: readonly string[]): Postings[] {
  const index = column.words();
  return words.map((word) => index.find(word)).filter((list) => list !== null);
}

function flag(flags: Uint8Array, ordinals: Uint32Array | readonly number[]): void {
  // What lies beyond the flags came after the search began: writing it there does nothing.
  for (let i = 0; i < ordinals.length; i++) {
    flags[ordinals[i] as number] = 1;
  }
}
