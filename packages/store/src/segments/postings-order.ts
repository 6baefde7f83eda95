import { packPosting } from "../columns/postings.ts";

/** Puts the postings of one word, as several segments give them, in order. A value of several segments is given by each. */
export class PostingsOrder {
  #list: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  #length = 0;
  #inOrder = true;
  /** By value: its place plus 1. Many postings are sorted by writing them here. */
  readonly #marks: Uint16Array<ArrayBuffer>;

  constructor(values: number) {
    this.#marks = new Uint16Array(values + 1);
  }

  /** Adds a packed posting. */
  add(packed: number): void {
    if (this.#length === this.#list.length) {
      const grown = new Uint32Array(this.#length * 2);
      grown.set(this.#list);
      this.#list = grown;
    }
    if (this.#length > 0 && packed <= (this.#list[this.#length - 1] as number)) {
      this.#inOrder = false;
    }
    this.#list[this.#length++] = packed;
  }

  /** The postings in order, each once, and begins with the next word. They are valid until the next `add`. */
  take(): Uint32Array {
    const list = this.#list.subarray(0, this.#length);
    const inOrder = this.#inOrder;
    this.#length = 0;
    this.#inOrder = true;
    if (inOrder) {
      return list;
    }
    return list.length * 16 > this.#marks.length ? this.#byMarks(list) : distinct(list.sort());
  }

  #byMarks(list: Uint32Array): Uint32Array {
    for (let i = 0; i < list.length; i++) {
      const packed = list[i] as number;
      this.#marks[packed >>> 8] = (packed & 255) + 1;
    }
    let count = 0;
    for (let ordinal = 1; ordinal < this.#marks.length; ordinal++) {
      const mark = this.#marks[ordinal] as number;
      if (mark > 0) {
        list[count++] = packPosting(ordinal, mark - 1);
      }
    }
    this.#marks.fill(0);
    return list.subarray(0, count);
  }
}

function distinct(sorted: Uint32Array): Uint32Array {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (count === 0 || sorted[i] !== sorted[count - 1]) {
      sorted[count++] = sorted[i] as number;
    }
  }
  return sorted.subarray(0, count);
}
