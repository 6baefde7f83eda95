import type { Field } from "../mapping/field.ts";
import { tokenize } from "../text/tokenize.ts";
import { type Matcher, matchNone, planned, type QueryContext } from "./context.ts";
import { type QueryScalar, termMatcher } from "./leaves.ts";
import type { Mask } from "./mask.ts";
import { minimumMatch } from "./minimum.ts";
import { phraseMask } from "./phrase.ts";
import { planWords, wordsMask } from "./words.ts";

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
  if (needed <= 1 || needed === words.length) {
    return planned((view) => planWords(view, field, words, needed > 1));
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
    return planned((view) => planWords(view, field, words, false));
  }
  const phrase = { words, slop: options.slop ?? 0, prefix: options.prefix === true };
  return (view) => phraseMask(view, field, phrase);
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
