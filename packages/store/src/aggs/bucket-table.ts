import type { Value } from "../values/value.ts";
import type { BucketBudget } from "./aggregator.ts";

/** Buckets by (bucket above, key). Numbers run over the whole aggregation. */
export class BucketTable {
  readonly keys: Value[] = [];
  readonly #byParent: Map<Value, number>[] = [];
  readonly #budget: BucketBudget;
  #counts: Float64Array<ArrayBuffer> = new Float64Array(16);

  constructor(budget: BucketBudget) {
    this.#budget = budget;
  }

  /** The number of a bucket, made if it is new. */
  id(parent: number, key: Value): number {
    let own = this.#byParent[parent];
    if (!own) {
      own = new Map();
      this.#byParent[parent] = own;
    }
    let id = own.get(key);
    if (id === undefined) {
      this.#budget.make();
      id = this.keys.length;
      this.keys.push(key);
      own.set(key, id);
      if (id === this.#counts.length) {
        const grown = new Float64Array(id * 2);
        grown.set(this.#counts);
        this.#counts = grown;
      }
    }
    return id;
  }

  /** Counts documents into a bucket. */
  add(id: number, documents: number): void {
    this.#counts[id] = (this.#counts[id] as number) + documents;
  }

  /** The documents of a bucket. */
  count(id: number): number {
    return this.#counts[id] as number;
  }

  /** Adds another table's buckets and counts. Gives, by number there, the number here. */
  absorb(other: BucketTable, parentOf: (parent: number) => number): Uint32Array {
    const ids = new Uint32Array(other.keys.length);
    other.#byParent.forEach((own, parent) => {
      const above = parentOf(parent);
      for (const [key, id] of own) {
        const here = this.id(above, key);
        this.add(here, other.count(id));
        ids[id] = here;
      }
    });
    return ids;
  }

  /** The buckets under a bucket above, by key. */
  under(parent: number): ReadonlyMap<Value, number> {
    return this.#byParent[parent] ?? new Map();
  }
}
