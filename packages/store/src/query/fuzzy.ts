import type { Field } from "../mapping/field.ts";
import type { Matcher, QueryContext } from "./context.ts";
import { patternMatcher } from "./leaves.ts";

/** Documents with a word that differs by at most `distance` edits; by default 0, 1 or 2 as the word's length allows. */
export function fuzzyMatcher(context: QueryContext, field: Field, text: string, distance: number | null): Matcher {
  const wanted = field.type.analyzed ? text.toLowerCase() : text;
  const most =
    distance === null || distance >= 1
      ? Math.min(distance ?? (wanted.length < 3 ? 0 : wanted.length < 6 ? 1 : 2), 2)
      : 0;
  return patternMatcher(context, field, { prefix: "", matches: (word) => withinEdits(word, wanted, most) });
}

/** Whether two words differ by at most `most` insertions, deletions, replacements or swaps of neighbours. */
export function withinEdits(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) {
    return false;
  }
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      }
      next.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) {
      return false;
    }
    before = row;
    row = next;
  }
  return (row[b.length] as number) <= most;
}
