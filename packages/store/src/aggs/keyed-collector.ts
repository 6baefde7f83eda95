import type { Column } from "../columns/column.ts";
import { firstAtLeast } from "../query/mask.ts";
import { checkTime } from "../query/time-limit.ts";
import type { Value } from "../values/value.ts";
import type { Aggregator, BucketBudget, Collected } from "./aggregator.ts";
import { BucketTable } from "./bucket-table.ts";

/**
 * How a column's ordinals become bucket keys in one segment. `groupOf[ordinal]` is a group, or -1 for none; null means
 * that each ordinal is a group of its own. `runs` are the groups as runs of ordinals, where the column is sorted.
 */
export interface Grouping {
  readonly groupOf: Int32Array | null;
  readonly groups: number;
  readonly key: (group: number) => Value;
  readonly hidden?: Uint8Array | null;
}

const DENSE = 4096;

/** Puts documents into buckets by the key of their value: the common part of terms and histograms. */
export class KeyedCollector {
  readonly table: BucketTable;
  readonly #children: readonly Aggregator[];

  constructor(budget: BucketBudget, children: readonly Aggregator[]) {
    this.table = new BucketTable(budget);
    this.#children = children;
  }

  /** Takes over the buckets of another one, and what is in them. */
  absorb(other: KeyedCollector, parentOf: (parent: number) => number): void {
    const ids = this.table.absorb(other.table, parentOf);
    this.#children.forEach((child, i) => {
      child.absorb(other.#children[i] as Aggregator, (parent) => ids[parent] as number);
    });
  }

  /** About how many bytes the buckets take. */
  get bytes(): number {
    return this.#children.reduce((sum, child) => sum + child.bytes, this.table.keys.length * 120);
  }

  /** Collects documents by a column; those without a value go to `missing` if it is given. */
  collect(input: Collected, column: Column | null, grouping: Grouping | null, missing: Value | null): void {
    if (!column || !grouping) {
      if (missing !== null) {
        this.#collectMissing(input, input.documents, input.parents, missing);
      }
      return;
    }
    if (input.whole && column.ascending && grouping.groupOf) {
      this.#collectRuns(input, column, grouping.groupOf, grouping);
      return;
    }
    if (
      input.whole &&
      this.#children.length === 0 &&
      missing === null &&
      this.#collectWhole(input.parent, column, grouping)
    ) {
      return;
    }
    const few = input.documents.length * 8 < column.size;
    if (this.#children.length === 0 && missing === null && !input.parents && !column.starts && !few) {
      this.#countEach(input, column, grouping);
      return;
    }
    this.#collectEach(input, column, grouping, missing);
  }

  /** Documents for one bucket above: counted by ordinal first. */
  #countEach({ documents, parent }: Collected, column: Column, grouping: Grouping): void {
    const { ordinals } = column;
    const { groupOf, hidden } = grouping;
    const counts = new Uint32Array(column.size + 1);
    for (let i = 0; i < documents.length; i++) {
      const ordinal = ordinals[documents[i] as number] as number;
      counts[ordinal] = (counts[ordinal] as number) + 1;
    }
    for (let ordinal = 1; ordinal <= column.size; ordinal++) {
      const group = groupOf ? (groupOf[ordinal] as number) : ordinal;
      if ((counts[ordinal] as number) > 0 && group >= 0 && hidden?.[ordinal] !== 1) {
        this.table.add(this.table.id(parent, grouping.key(group)), counts[ordinal] as number);
      }
    }
  }

  /** All documents of a segment: counted by what the segment knows, without looking at each. */
  #collectWhole(parent: number, column: Column, grouping: Grouping): boolean {
    if (column.starts && grouping.groupOf) {
      return false;
    }
    const counts = column.counts();
    if (!counts) {
      return false;
    }
    const { groupOf, hidden } = grouping;
    for (let ordinal = 1; ordinal <= column.size; ordinal++) {
      const group = groupOf ? (groupOf[ordinal] as number) : ordinal;
      if (group >= 0 && hidden?.[ordinal] !== 1 && (counts[ordinal] as number) > 0) {
        this.table.add(this.table.id(parent, grouping.key(group)), counts[ordinal] as number);
      }
    }
    return true;
  }

  /** All documents of a segment in the column's order: each bucket is a run of documents. */
  #collectRuns(input: Collected, column: Column, groupOf: Int32Array, grouping: Grouping): void {
    const { view, context, parent } = input;
    const { ordinals } = column;
    for (let from = 1; from <= column.size; ) {
      const group = groupOf[from] as number;
      // Groups of a sorted column are runs; the end of this one is found by halving.
      let low = from;
      let high = column.size + 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (groupOf[middle] === group) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      if (group >= 0) {
        const [first, end] = [firstAtLeast(ordinals, from), firstAtLeast(ordinals, low)];
        const id = this.table.id(parent, grouping.key(group));
        this.table.add(id, end - first);
        const documents = input.documents.subarray(first, end);
        const whole = documents.length === input.documents.length;
        for (const child of this.#children) {
          child.collect({ view, context, documents, parents: null, parent: id, whole });
        }
      }
      from = low;
    }
  }

  #collectEach(input: Collected, column: Column, grouping: Grouping, missing: Value | null): void {
    const { documents, parents } = input;
    const { ordinals, starts } = column;
    const { groupOf, hidden } = grouping;
    const nested = this.#children.length > 0;
    const lookups = new GroupLookups(this.table, grouping);
    const childDocuments: number[] | Uint32Array = nested ? (starts ? [] : new Uint32Array(documents.length)) : [];
    const childParents: number[] | Uint32Array = nested ? (starts ? [] : new Uint32Array(documents.length)) : [];
    const without: number[] = [];
    const withoutParents: number[] = [];
    let children = 0;
    let seen: number[] = [];
    for (let i = 0; i < documents.length; i++) {
      const document = documents[i] as number;
      checkTime();
      const parent = parents ? (parents[i] as number) : input.parent;
      const from = starts ? (starts[document] as number) : document;
      const to = starts ? (starts[document + 1] as number) : document + 1;
      let any = false;
      if (starts) {
        seen = [];
      }
      for (let at = from; at < to; at++) {
        const ordinal = ordinals[at] as number;
        const group = ordinal === 0 || hidden?.[ordinal] === 1 ? -1 : groupOf ? (groupOf[ordinal] as number) : ordinal;
        if (group < 0) {
          any ||= ordinal !== 0 && hidden?.[ordinal] !== 1;
          continue;
        }
        any = true;
        if (starts) {
          // Two values of a document in the same bucket count once.
          if (seen.includes(group)) {
            continue;
          }
          seen.push(group);
        }
        const id = lookups.id(parent, group);
        this.table.add(id, 1);
        if (nested) {
          childDocuments[children] = document;
          childParents[children] = id;
          children += 1;
        }
      }
      if (!any && missing !== null) {
        without.push(document);
        withoutParents.push(parent);
      }
    }
    if (nested && children > 0) {
      this.#pass(input, typed(childDocuments, children), typed(childParents, children));
    }
    if (missing !== null && without.length > 0) {
      this.#collectMissing(input, Uint32Array.from(without), Uint32Array.from(withoutParents), missing);
    }
  }

  #collectMissing(input: Collected, documents: Uint32Array, parents: Uint32Array | null, key: Value): void {
    const ids = new Uint32Array(documents.length);
    for (let i = 0; i < documents.length; i++) {
      const id = this.table.id(parents ? (parents[i] as number) : input.parent, key);
      this.table.add(id, 1);
      ids[i] = id;
    }
    this.#pass(input, documents, ids);
  }

  #pass(input: Collected, documents: Uint32Array, parents: Uint32Array): void {
    for (const child of this.#children) {
      child.collect({ view: input.view, context: input.context, documents, parents, parent: 0, whole: false });
    }
  }
}

function typed(list: number[] | Uint32Array, length: number): Uint32Array {
  return list instanceof Uint32Array ? list.subarray(0, length) : Uint32Array.from(list);
}

/** Bucket numbers by (bucket above, group) within one segment. */
class GroupLookups {
  readonly #table: BucketTable;
  readonly #grouping: Grouping;
  readonly #dense: (Int32Array | undefined)[] = [];
  readonly #sparse: Map<number, number> = new Map();
  readonly #width: number;

  constructor(table: BucketTable, grouping: Grouping) {
    this.#table = table;
    this.#grouping = grouping;
    this.#width = grouping.groups + 1;
  }

  id(parent: number, group: number): number {
    if (this.#width <= DENSE) {
      let row = this.#dense[parent];
      if (!row) {
        row = new Int32Array(this.#width).fill(-1);
        this.#dense[parent] = row;
      }
      const known = row[group] as number;
      if (known >= 0) {
        return known;
      }
      const id = this.#table.id(parent, this.#grouping.key(group));
      row[group] = id;
      return id;
    }
    const place = parent * this.#width + group;
    let id = this.#sparse.get(place);
    if (id === undefined) {
      id = this.#table.id(parent, this.#grouping.key(group));
      this.#sparse.set(place, id);
    }
    return id;
  }
}
