import type { Column, Postings } from "../columns/column.ts";
import { PLACE_FAR, PLACE_MORE } from "../columns/postings.ts";
import type { Field } from "../mapping/field.ts";
import { tokenize } from "../text/tokenize.ts";
import { type Matcher, matchNone, type QueryContext } from "./context.ts";
import { type QueryScalar, termMatcher, wordsMask } from "./leaves.ts";
import { andMasks, type Mask, maskOfFlags } from "./mask.ts";
import { minimumMatch } from "./minimum.ts";
import { checkTime } from "./time-limit.ts";

/** How the words of a `match` combine. */
export interface MatchOptions {
  readonly operator?: string;
  readonly minimum_should_match?: number | string;
  /** A value that the field cannot hold matches nothing instead of failing. */
  readonly lenient?: boolean;
}

/** Compiles `match`: any word, or with the operator `and` all of them. Other fields than texts are compared whole. */
export function matchMatcher(context: QueryContext, field: Field, input: QueryScalar, options: MatchOptions): Matcher {
  if (!field.type.analyzed) {
    return leniently(options.lenient === true, () => termMatcher(context, field, input));
  }
  const words = [...new Set(tokenize(String(input)))];
  if (words.length === 0) {
    return matchNone;
  }
  const needed =
    options.operator?.toLowerCase() === "and"
      ? words.length
      : minimumMatch(options.minimum_should_match, words.length, 1);
  if (needed <= 1) {
    return (view) => wordsMask(view, field, words);
  }
  if (needed === words.length) {
    return (view) =>
      words.reduce<Mask>(
        (mask, word) => (mask === false ? false : andMasks(mask, wordsMask(view, field, [word]))),
        true,
      );
  }
  return (view) =>
    countedMask(
      words.map((word) => wordsMask(view, field, [word])),
      needed,
      view.documents,
    );
}

/** Documents that at least `needed` of the masks contain. */
export function countedMask(masks: readonly Mask[], needed: number, documents: number): Mask {
  const counts = new Uint16Array(documents);
  let always = 0;
  for (const mask of masks) {
    if (typeof mask === "boolean") {
      always += mask ? 1 : 0;
      continue;
    }
    for (let d = 0; d < documents; d++) {
      counts[d] = (counts[d] as number) + (mask[d] as number);
    }
  }
  if (always >= needed) {
    return true;
  }
  return Uint8Array.from(counts, (count) => (count + always >= needed ? 1 : 0));
}

/** Compiles `match_phrase`, and with `prefix` `match_phrase_prefix`: the words one after another. */
export function phraseMatcher(
  context: QueryContext,
  field: Field,
  input: QueryScalar,
  options: { readonly slop?: number; readonly prefix?: boolean; readonly lenient?: boolean } = {},
): Matcher {
  if (!field.type.analyzed) {
    return leniently(options.lenient === true, () => termMatcher(context, field, input));
  }
  const words = tokenize(String(input));
  if (words.length === 0) {
    return matchNone;
  }
  if (words.length === 1 && !options.prefix) {
    return (view) => wordsMask(view, field, words);
  }
  return (view) => {
    const column = view.column(field.column);
    if (!column) {
      return false;
    }
    const flags = phraseCandidates(column, words, options.prefix === true, options.slop ?? 0);
    if (!flags) {
      return false;
    }
    let any = false;
    for (let ordinal = 1; ordinal <= column.size; ordinal++) {
      if (flags[ordinal] === CERTAIN) {
        flags[ordinal] = 1;
        any = true;
      } else if (flags[ordinal] === CANDIDATE) {
        checkTime();
        const hit = hasPhrase(
          tokenize(String(column.value(ordinal))),
          words,
          options.slop ?? 0,
          options.prefix === true,
        );
        flags[ordinal] = hit ? 1 : 0;
        any ||= hit;
      }
    }
    return any ? maskOfFlags(column, flags, view.documents) : false;
  };
}

/** What is known of a value before its words are looked at. */
const CANDIDATE = 1;
const CERTAIN = 2;

/**
 * Flags of the values that have all the words: CERTAIN where the words' places already tell that they follow each other,
 * none where they tell that they do not, and CANDIDATE where the value has to be looked at.
 */
function phraseCandidates(column: Column, words: readonly string[], prefix: boolean, slop: number): Uint8Array | null {
  const index = column.words();
  const exact = prefix ? words.slice(0, -1) : words;
  const lists = exact.map((word) => index.find(word));
  const byPlace = !prefix && slop === 0 && lists.every(({ places }) => places !== null);
  // The rarest word decides which values are looked at in the lists of the others.
  const order = lists.map((_, i) => i).sort((a, b) => length(lists, a) - length(lists, b));
  const flags = new Uint8Array(column.size + 1);
  const first = order[0];
  if (first === undefined) {
    return flags.fill(CANDIDATE, 1);
  }
  // Where the phrase must begin, plus 1, by value; 0: not a candidate any more.
  const begins = new Uint16Array(column.size + 1);
  const UNSURE = 65_535;
  const { ordinals, places } = lists[first] as Postings;
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i] as number;
    const place = byPlace ? ((places as Uint8Array)[i] as number) : PLACE_MORE;
    if (ordinal <= column.size) {
      begins[ordinal] = place >= PLACE_MORE ? UNSURE : place >= first ? place - first + 1 : 0;
    }
  }
  for (const at of order.slice(1)) {
    const list = lists[at] as Postings;
    const next = new Uint16Array(column.size + 1);
    for (let i = 0; i < list.ordinals.length; i++) {
      const ordinal = list.ordinals[i] as number;
      const begin = ordinal <= column.size ? (begins[ordinal] as number) : 0;
      if (begin === 0) {
        continue;
      }
      const byte = byPlace ? ((list.places as Uint8Array)[i] as number) : PLACE_MORE;
      const place = byte & PLACE_FAR;
      if (begin === UNSURE) {
        next[ordinal] = UNSURE;
      } else if (place === begin - 1 + at) {
        next[ordinal] = place === PLACE_FAR ? UNSURE : begin;
      } else if (byte >= PLACE_MORE && (place < begin - 1 + at || place === PLACE_FAR)) {
        // It may stand at the right place behind its first one.
        next[ordinal] = UNSURE;
      }
    }
    begins.set(next);
  }
  let any = false;
  for (let ordinal = 1; ordinal <= column.size; ordinal++) {
    const begin = begins[ordinal] as number;
    if (begin !== 0) {
      flags[ordinal] = begin === UNSURE ? CANDIDATE : CERTAIN;
      any = true;
    }
  }
  return any ? flags : null;
}

function length(lists: readonly Postings[], at: number): number {
  return (lists[at] as Postings).ordinals.length;
}

function hasPhrase(tokens: readonly string[], words: readonly string[], slop: number, prefix: boolean): boolean {
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

/** Runs a compilation; a value that does not fit matches nothing when that is allowed. */
export function leniently(lenient: boolean, compile: () => Matcher): Matcher {
  if (!lenient) {
    return compile();
  }
  try {
    return compile();
  } catch {
    return matchNone;
  }
}
