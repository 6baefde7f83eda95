import type { FileColumn } from "../columns/file-column.ts";
import { compareValues, type Value } from "../values/value.ts";

interface Head {
  readonly values: Iterator<Value>;
  readonly remap: Uint32Array;
  value: Value;
  ordinal: number;
}

/**
 * The values of several dictionaries in order, each once. `remap[i][ordinal]` is 1 for what is wanted of the i-th; going
 * through the values puts each old ordinal's new one in its place.
 */
export class MergedValues implements Iterable<Value> {
  size = 0;
  longest = 0;
  first: Value | undefined;
  last: Value | undefined;
  /** All values, when they were asked for. */
  readonly kept: string[] | null;
  readonly isString: boolean;
  readonly #heads: Head[] = [];

  constructor(parts: readonly (FileColumn | null)[], remap: readonly Uint32Array[], keep: boolean) {
    this.kept = keep ? [] : null;
    parts.forEach((part, i) => {
      const values = part?.values()[Symbol.iterator]();
      const first = values?.next();
      if (values && first && !first.done) {
        this.#heads.push({ values, value: first.value, ordinal: 1, remap: remap[i] as Uint32Array });
      }
    });
    this.isString = typeof this.#heads[0]?.value === "string";
  }

  *[Symbol.iterator](): Generator<Value> {
    while (this.#heads.length > 0) {
      const least = this.#least();
      if (this.#pass(least)) {
        this.first ??= least;
        this.last = least;
        if (typeof least === "string") {
          this.longest = Math.max(this.longest, least.length);
          this.kept?.push(least);
        }
        yield least;
      }
    }
  }

  #least(): Value {
    let least = (this.#heads[0] as Head).value;
    for (let i = 1; i < this.#heads.length; i++) {
      const { value } = this.#heads[i] as Head;
      if (compareValues(value, least) < 0) {
        least = value;
      }
    }
    return least;
  }

  /** Moves every dictionary past a value. Gives whether any of them wants it. */
  #pass(value: Value): boolean {
    let wanted = false;
    for (let i = this.#heads.length - 1; i >= 0; i--) {
      const head = this.#heads[i] as Head;
      if (head.value !== value) {
        continue;
      }
      if (head.remap[head.ordinal] === 1) {
        head.remap[head.ordinal] = this.size + 1;
        wanted = true;
      }
      const next = head.values.next();
      head.ordinal += 1;
      if (next.done) {
        this.#heads.splice(i, 1);
      } else {
        head.value = next.value;
      }
    }
    this.size += wanted ? 1 : 0;
    return wanted;
  }
}
