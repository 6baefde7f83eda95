/** A text, a character a byte, and what it stands for: bits, and further bits that the caller has a condition for. */
export interface TrieEntry {
  readonly text: string;
  readonly mask: number;
  readonly direct: number;
}

const SPREAD = 0x9e3779b1;

/**
 * Texts by their bytes, walked a byte at a time. A node is a number, 0 the root. Its ways on lie in one hash table, so that
 * a step costs the same whatever the number of texts.
 */
export class ByteTrie {
  /** By slot: node * 256 + byte + 1, 0 where the slot is free; and the node that it leads to. */
  readonly #keys: Int32Array;
  readonly #nodes: Int32Array;
  readonly #shift: number;
  readonly #masks: Int32Array;
  readonly #direct: Int32Array;

  constructor(entries: readonly TrieEntry[]) {
    const ways = new Map<number, number>();
    const ends = entries.map(({ text }) => {
      let node = 0;
      for (let i = 0; i < text.length; i++) {
        const key = node * 256 + text.charCodeAt(i) + 1;
        node = ways.get(key) ?? ways.size + 1;
        ways.set(key, node);
      }
      return node;
    });
    this.#masks = new Int32Array(ways.size + 1);
    this.#direct = new Int32Array(ways.size + 1);
    for (const [index, { mask, direct }] of entries.entries()) {
      const end = ends[index] as number;
      this.#masks[end] = (this.#masks[end] as number) | mask;
      this.#direct[end] = (this.#direct[end] as number) | direct;
    }
    const bits = Math.ceil(Math.log2(2 * ways.size + 2));
    this.#shift = 32 - bits;
    this.#keys = new Int32Array(1 << bits);
    this.#nodes = new Int32Array(1 << bits);
    for (const [key, node] of ways) {
      let slot = Math.imul(key, SPREAD) >>> this.#shift;
      while (this.#keys[slot] !== 0) slot = (slot + 1) & (this.#keys.length - 1);
      this.#keys[slot] = key;
      this.#nodes[slot] = node;
    }
  }

  /** The node that `byte` leads to, -1 where no text goes on so. */
  step(node: number, byte: number): number {
    const key = node * 256 + byte + 1;
    let slot = Math.imul(key, SPREAD) >>> this.#shift;
    for (;;) {
      const there = this.#keys[slot];
      if (there === key) return this.#nodes[slot] as number;
      if (there === 0) return -1;
      slot = (slot + 1) & (this.#keys.length - 1);
    }
  }

  /** The bits of the text that ends at the node. */
  mask(node: number): number {
    return this.#masks[node] as number;
  }

  /** The conditional bits of the text that ends at the node. */
  direct(node: number): number {
    return this.#direct[node] as number;
  }
}
