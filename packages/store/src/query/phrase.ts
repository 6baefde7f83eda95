import type { Column, Postings } from "../columns/column.ts";
import { PLACE_FAR, PLACE_MORE } from "../columns/postings.ts";
import type { Field } from "../mapping/field.ts";
import { tokenize } from "../text/tokenize.ts";
import type { Mask } from "./mask.ts";
import type { SegmentView } from "./segment-view.ts";
import { checkTime } from "./time-limit.ts";
import { firstOrdinals, maskOfOrdinals, valuesAsked } from "./words.ts";

/** The words of a phrase, how far they may stand from their places, and whether the last one is only a word's beginning. */
export interface Phrase {
  readonly words: readonly string[];
  readonly slop: number;
  readonly prefix: boolean;
}

/** Documents with a value in which the words follow each other. */
export function phraseMask(view: SegmentView, field: Field, phrase: Phrase): Mask {
  const column = view.column(field.column);
  if (!column) {
    return false;
  }
  const candidates = phraseCandidates(view, column, phrase);
  const found = candidates.ordinals.filter((ordinal, i) => {
    if (candidates.begins[i] !== UNSURE) {
      return true;
    }
    checkTime();
    return hasPhrase(tokenize(String(column.value(ordinal))), phrase);
  });
  return maskOfOrdinals(view, column, found);
}

/** Instead of where a phrase begins: the value has to be looked at. */
const UNSURE = 65_535;

/** Values that have all the words, and where the phrase begins in each, as far as the words' places tell. */
interface Candidates {
  readonly ordinals: Uint32Array;
  readonly begins: Uint16Array;
}

function phraseCandidates(view: SegmentView, column: Column, { words, slop, prefix }: Phrase): Candidates {
  const index = column.words();
  const exact = prefix ? words.slice(0, -1) : words;
  const lists: { readonly list: Postings; readonly at: number }[] = [];
  for (const [at, word] of exact.entries()) {
    const list = index.find(word);
    if (!list) {
      return { ordinals: new Uint32Array(0), begins: new Uint16Array(0) };
    }
    lists.push({ list, at });
  }
  // The rarest word decides which values are looked at in the lists of the others.
  lists.sort((a, b) => a.list.count - b.list.count);
  const [rarest] = lists;
  let ordinals =
    valuesAsked(view, column) ??
    (rarest ? firstOrdinals(column, rarest.list) : Uint32Array.from({ length: column.size }, (_, i) => i + 1));
  let begins = new Uint16Array(ordinals.length);
  if (prefix || slop > 0) {
    begins.fill(UNSURE);
  }
  let first = true;
  for (const { list, at } of lists) {
    const found = list.locate(ordinals);
    const places = prefix || slop > 0 ? null : list.places;
    let kept = 0;
    for (let i = 0; i < ordinals.length; i++) {
      if ((found[i] as number) >= 0) {
        const byte = places ? (places[found[i] as number] as number) : PLACE_FAR | PLACE_MORE;
        const begin = first && places ? beginOf(byte, at) : follow(begins[i] as number, byte, at);
        if (begin !== null) {
          ordinals[kept] = ordinals[i] as number;
          begins[kept++] = begin;
        }
      }
    }
    ordinals = ordinals.subarray(0, kept);
    begins = begins.subarray(0, kept);
    first = false;
  }
  return { ordinals, begins };
}

/** Where a phrase begins whose word `at` stands first at a place; null when it would begin before the value. */
function beginOf(byte: number, at: number): number | null {
  return byte >= PLACE_MORE ? UNSURE : byte >= at ? byte - at : null;
}

/** Where the phrase begins once another word's place is known too; null when that one stands elsewhere. */
function follow(begin: number, byte: number, at: number): number | null {
  const place = byte & PLACE_FAR;
  if (begin === UNSURE) {
    return UNSURE;
  }
  if (place === begin + at) {
    return place === PLACE_FAR ? UNSURE : begin;
  }
  // It may stand at the right place behind its first one.
  return byte >= PLACE_MORE && (place < begin + at || place === PLACE_FAR) ? UNSURE : null;
}

function hasPhrase(tokens: readonly string[], { words, slop, prefix }: Phrase): boolean {
  const last = words.length - 1;
  const fits = (token: string | undefined, at: number): boolean =>
    token !== undefined && (prefix && at === last ? token.startsWith(words[at] as string) : token === words[at]);
  // With a slop each word may stand as far from its place as there are moves left.
  const search = (at: number, base: number, low: number, high: number): boolean => {
    if (at === words.length) {
      return high - low <= slop;
    }
    for (let shift = -slop; shift <= slop; shift++) {
      if (fits(tokens[base + at + shift], at) && search(at + 1, base, Math.min(low, shift), Math.max(high, shift))) {
        return true;
      }
    }
    return false;
  };
  for (let start = 0; start < tokens.length; start++) {
    if (fits(tokens[start], 0) && search(1, start, 0, 0)) {
      return true;
    }
  }
  return false;
}
