const PAIRS = 4096;

/** A number for two bytes, not their own alone. */
function pairOf(before: number, byte: number): number {
  return ((before << 5) ^ byte) & (PAIRS - 1);
}

/**
 * Looks for many texts at once in bytes (Wu's and Manber's way): a window as long as the shortest text moves on by what the
 * two bytes at its end allow, which is mostly its whole length.
 */
export class TextSearch {
  readonly #texts: readonly (readonly [text: string, mask: number])[];
  readonly #shortest: number;
  /** By pair: how far the window may move; 0 where a text may end its window so. */
  readonly #moves: Uint8Array;

  /** `texts` are not empty and have a character a byte. */
  constructor(texts: ReadonlyMap<string, number>) {
    this.#texts = [...texts];
    this.#shortest = Math.min(...[...texts.keys()].map((text) => text.length), 255);
    // A text of one byte has no pair: everywhere is looked.
    this.#moves = new Uint8Array(PAIRS).fill(this.#shortest - 1);
    for (const text of texts.keys()) {
      for (let i = 1; i < this.#shortest; i++) {
        const pair = pairOf(text.charCodeAt(i - 1), text.charCodeAt(i));
        this.#moves[pair] = Math.min(this.#moves[pair] as number, this.#shortest - 1 - i);
      }
    }
  }

  /** The bits of all texts that stand between `from` and `end`. */
  find(bytes: Uint8Array, from: number, end: number): number {
    if (this.#texts.length === 0) return 0;
    let mask = 0;
    for (let at = from + this.#shortest - 1; at < end; ) {
      const move = this.#moves[pairOf(bytes[at - 1] as number, bytes[at] as number)] as number;
      if (move === 0) mask |= this.#at(bytes, at - this.#shortest + 1, end);
      at += move === 0 ? 1 : move;
    }
    return mask;
  }

  #at(bytes: Uint8Array, start: number, end: number): number {
    let mask = 0;
    for (const [text, bits] of this.#texts) {
      let i = 0;
      while (i < text.length && start + i < end && bytes[start + i] === text.charCodeAt(i)) i++;
      if (i === text.length) mask |= bits;
    }
    return mask;
  }
}
