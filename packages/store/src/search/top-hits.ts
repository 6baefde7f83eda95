import type { QueryContext } from "../query/context.ts";
import type { SegmentView } from "../query/segment-view.ts";
import { compareValues } from "../values/value.ts";
import {
  type Candidate,
  compareCandidates,
  compareKeyValues,
  type KeyReader,
  keyReader,
  readAfter,
  type SortKey,
  sortField,
} from "./sort.ts";

/** Keeps the best hits of all segments. */
export class TopHits {
  readonly #sort: readonly SortKey[];
  readonly #size: number;
  readonly #after: readonly unknown[] | null;
  readonly #now: number;
  #best: Candidate[] = [];

  constructor(sort: readonly SortKey[], size: number, after: readonly unknown[] | null, now: number) {
    this.#sort = sort;
    this.#size = size;
    this.#after = after;
    this.#now = now;
  }

  /** The hits so far, the best first. */
  get hits(): readonly Candidate[] {
    return this.#best;
  }

  /** Whether no document of a segment could be among the best any more. */
  isHopeless(view: SegmentView, context: QueryContext): boolean {
    const worst = this.#best[this.#size - 1];
    const key = this.#sort[0];
    if (this.#size === 0) {
      return true;
    }
    if (!worst || this.#after) {
      return false;
    }
    if (!key) {
      return true;
    }
    if (key.missing !== "_last") {
      return false;
    }
    const field = sortField(context, key);
    const best = keyReader(view, field, key)?.best() ?? null;
    return best !== null && worst.keys[0] !== null && compareKeyValues(key, best, worst.keys[0] ?? null) > 0;
  }

  /** Adds a segment's matching documents. */
  collect(view: SegmentView, context: QueryContext, place: number, documents: Uint32Array): void {
    if (this.#size === 0 || documents.length === 0) {
      return;
    }
    const fields = this.#sort.map((key) => sortField(context, key));
    const readers = this.#sort.map((key, i) => keyReader(view, fields[i] ?? null, key));
    const chosen = this.#select(documents, readers, fields, context, view, place);
    this.#best = [...this.#best, ...chosen].sort((a, b) => compareCandidates(this.#sort, a, b)).slice(0, this.#size);
  }

  #select(
    documents: Uint32Array,
    readers: readonly (KeyReader | null)[],
    fields: readonly ReturnType<typeof sortField>[],
    context: QueryContext,
    view: SegmentView,
    place: number,
  ): Candidate[] {
    const candidate = (document: number): Candidate => ({
      view,
      context,
      place,
      document,
      keys: readers.map((reader, i) => {
        const ordinal = reader?.ordinal(document) ?? 0;
        return ordinal === 0 ? this.#missingValue(i, fields[i] ?? null) : (reader as KeyReader).value(ordinal);
      }),
    });
    if (this.#after) {
      return this.#selectAfter(documents, candidate, fields);
    }
    if (this.#sort.length === 0) {
      return Array.from(documents.subarray(0, this.#size), candidate);
    }
    const compare = documentComparator(this.#sort, readers);
    if (
      this.#sort.some((key) => key.missing !== "_last" && key.missing !== "_first") ||
      documents.length <= this.#size
    ) {
      return Array.from(documents, candidate);
    }
    return Array.from(smallest(documents, this.#size, compare), candidate);
  }

  #selectAfter(
    documents: Uint32Array,
    candidate: (document: number) => Candidate,
    fields: readonly ReturnType<typeof sortField>[],
  ): Candidate[] {
    const keys = (this.#after ?? []).map((input, i) =>
      readAfter(fields[i] ?? null, this.#sort[i] as SortKey, input, this.#now),
    );
    let kept: Candidate[] = [];
    const byKeys = (a: Candidate): number => {
      for (let i = 0; i < this.#sort.length; i++) {
        const side = compareKeyValues(this.#sort[i] as SortKey, a.keys[i] ?? null, keys[i] ?? null);
        if (side !== 0) {
          return side;
        }
      }
      return 0;
    };
    for (const document of documents) {
      const one = candidate(document);
      if (byKeys(one) > 0) {
        kept.push(one);
        if (kept.length >= this.#size * 4 + 1024) {
          kept = kept.sort((a, b) => compareCandidates(this.#sort, a, b)).slice(0, this.#size);
        }
      }
    }
    return kept;
  }

  #missingValue(i: number, field: ReturnType<typeof sortField>): Candidate["keys"][number] {
    const { missing } = this.#sort[i] as SortKey;
    if (missing === "_last" || missing === "_first" || !field) {
      return null;
    }
    return readAfter(field, this.#sort[i] as SortKey, missing, this.#now);
  }
}

function documentComparator(
  sort: readonly SortKey[],
  readers: readonly (KeyReader | null)[],
): (a: number, b: number) => number {
  return (a, b) => {
    for (let i = 0; i < sort.length; i++) {
      const reader = readers[i];
      if (!reader) {
        continue;
      }
      const key = sort[i] as SortKey;
      const left = reader.ordinal(a);
      const right = reader.ordinal(b);
      if (left === right) {
        continue;
      }
      if (left === 0 || right === 0) {
        return (left === 0) === (key.missing === "_last") ? 1 : -1;
      }
      const side = reader.sorted ? left - right : compareValues(reader.value(left), reader.value(right));
      if (side !== 0) {
        return key.ascending ? side : -side;
      }
    }
    return a - b;
  };
}

/** The `count` smallest of a list under an order, by a heap whose root is the worst kept. */
function smallest(documents: Uint32Array, count: number, compare: (a: number, b: number) => number): Uint32Array {
  const heap = documents.slice(0, count);
  const sift = (from: number): void => {
    let at = from;
    for (;;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && compare(heap[child] as number, heap[worst] as number) > 0) {
          worst = child;
        }
      }
      if (worst === at) {
        return;
      }
      const held = heap[at] as number;
      heap[at] = heap[worst] as number;
      heap[worst] = held;
      at = worst;
    }
  };
  for (let at = heap.length >> 1; at >= 0; at--) {
    sift(at);
  }
  for (let i = count; i < documents.length; i++) {
    const document = documents[i] as number;
    if (compare(document, heap[0] as number) < 0) {
      heap[0] = document;
      sift(0);
    }
  }
  return heap;
}
