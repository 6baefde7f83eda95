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
 * `indexFrom` rules are out of the question whatever its value is: only then is reading it first sure to be worth it.
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
    const source = mostTelling(open, indexFrom);
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

/**
 * The field whose value sorts out most rules, or null when these are too few: of the rules that demand something of it,
 * those count that are left even by the value that most rules want.
 */
function mostTelling<E>(open: ReadonlyMap<number, readonly Cover<E>[]>, indexFrom: number): FieldSource<E> | null {
  const fields = new Map<string, { source: FieldSource<E>; rules: number; wanted: Map<unknown, number> }>();
  for (const covers of open.values()) {
    for (const { source, values, prefixes } of covers) {
      let field = fields.get(source.key);
      if (field === undefined) {
        field = { source, rules: 0, wanted: new Map() };
        fields.set(source.key, field);
      }
      field.rules++;
      for (const demand of new Set([...values, ...prefixes])) {
        field.wanted.set(demand, (field.wanted.get(demand) ?? 0) + 1);
      }
    }
  }
  let best: FieldSource<E> | null = null;
  let most = indexFrom - 1;
  for (const { source, rules, wanted } of fields.values()) {
    const told = rules - [...wanted.values()].reduce((a, b) => Math.max(a, b), 0);
    if (told > most) [best, most] = [source, told];
  }
  return best;
}
