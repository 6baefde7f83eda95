import { type Cover, coversOf } from "../cover.ts";
import type { FieldSource, Node } from "../node.ts";
import { buildValueIndex, type IndexEntry, type ValueIndex } from "./value-index.ts";

/** Rules that are tried together: a function much longer is more than V8 compiles to machine code, and a bit each fits a word. */
export const GROUP_SIZE = 24;

// Beyond this many values a rule is cheaper to ask than to enter into an index.
const VALUE_LIMIT = 256;

/** How the rules of an event type are sorted out before any is evaluated. */
export interface Dispatch<E> {
  /** By field: the index that tells which rules its value leaves possible. */
  readonly indexes: readonly { readonly source: FieldSource<E>; readonly index: ValueIndex; readonly key: string }[];
  /** For each group, the bits of the rules that no index knows. */
  readonly always: readonly number[];
}

/**
 * Plans the dispatch of an event type's conditions, given in the order of evaluation. A field gets an index when at least
 * `indexFrom` rules demand something of its value: only then is reading it first sure to be worth it.
 */
export function planDispatch<E>(conditions: readonly Node<E>[], indexFrom: number): Dispatch<E> {
  const groups = Math.ceil(conditions.length / GROUP_SIZE);
  const always = Array.from({ length: groups }, (_, group) => allBits(conditions.length - group * GROUP_SIZE));
  const indexes: Dispatch<E>["indexes"][number][] = [];
  if (conditions.length < indexFrom) return { indexes, always };
  const open = new Map<number, readonly Cover<E>[]>();
  conditions.forEach((condition, place) => {
    open.set(
      place,
      [...coversOf(condition).values()].filter(
        ({ values, prefixes }) => values.length + prefixes.length <= VALUE_LIMIT,
      ),
    );
  });
  for (;;) {
    const source = mostDemanded(open, indexFrom);
    if (source === null) return { indexes, always };
    const entries: IndexEntry[] = [];
    for (const [place, covers] of open) {
      const cover = covers.find((candidate) => candidate.source.key === source.key);
      if (cover === undefined) continue;
      const group = Math.floor(place / GROUP_SIZE);
      const bit = place % GROUP_SIZE;
      entries.push({ group, bit, values: cover.values, prefixes: cover.prefixes });
      always[group] = (always[group] as number) & ~(1 << bit);
      open.delete(place);
    }
    const index = buildValueIndex(entries, groups);
    indexes.push({ source, index, key: JSON.stringify([source.key, groups, entries]) });
  }
}

function allBits(count: number): number {
  return count >= GROUP_SIZE ? (1 << GROUP_SIZE) - 1 : (1 << count) - 1;
}

/** The field that most rules demand something of, or null when these are too few. */
function mostDemanded<E>(open: ReadonlyMap<number, readonly Cover<E>[]>, indexFrom: number): FieldSource<E> | null {
  const counts = new Map<string, { source: FieldSource<E>; count: number }>();
  for (const covers of open.values()) {
    for (const { source } of covers) {
      const known = counts.get(source.key);
      if (known === undefined) counts.set(source.key, { source, count: 1 });
      else known.count++;
    }
  }
  let best: { source: FieldSource<E>; count: number } | null = null;
  for (const entry of counts.values()) if (best === null || entry.count > best.count) best = entry;
  return best === null || best.count < indexFrom ? null : best.source;
}
