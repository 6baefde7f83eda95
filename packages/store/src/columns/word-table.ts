import { ASCII_CLASSES, eachAsciiWord, tokenize } from "../text/tokenize.ts";
import { GrowableUint32 } from "./growable.ts";

/**
 * Numbers words in the order in which they come. Words of ASCII, nearly all of them, are found by their characters in an
 * open table, without a string for each; others are kept by their text.
 */
export class WordTable {
  length = 0;
  readonly #others: Map<string, number> = new Map();
  #otherOf: Map<number, string> = new Map();
  #slots: Int32Array<ArrayBuffer> = new Int32Array(1 << 14);
  readonly #hashes: GrowableUint32 = new GrowableUint32(1 << 13);
  readonly #starts: GrowableUint32 = new GrowableUint32(1 << 13);
  #text: Buffer<ArrayBuffer> = Buffer.alloc(1 << 16);

  constructor() {
    this.#starts.push(0);
  }

  /** Calls back with the number and place of each word of a text. */
  each(text: string, visit: (word: number, place: number) => void): void {
    if (isAscii(text)) {
      let place = 0;
      eachAsciiWord(text, (from, to) => visit(this.#asciiNumber(text, from, to), place++));
      return;
    }
    tokenize(text).forEach((word, place) => {
      visit(isAscii(word) ? this.#asciiNumber(word, 0, word.length) : this.#otherNumber(word), place);
    });
  }

  /** The words by number. */
  words(): string[] {
    return Array.from({ length: this.length }, (_, number) => {
      const [from, to] = [this.#starts.data[number] as number, this.#starts.data[number + 1] as number];
      return this.#otherOf.get(number) ?? this.#text.toString("latin1", from, to);
    });
  }

  #otherNumber(word: string): number {
    let number = this.#others.get(word);
    if (number === undefined) {
      number = this.#add(0, 0);
      this.#others.set(word, number);
      this.#otherOf.set(number, word);
    }
    return number;
  }

  #asciiNumber(text: string, from: number, to: number): number {
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) {
      hash = Math.imul(hash ^ lower(text.charCodeAt(i)), 0x01000193);
    }
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] as number) - 1;
      if (number < 0) {
        return this.#addAscii(text, from, to, hash, slot);
      }
      if (this.#hashes.data[number] === hash && this.#isWord(number, text, from, to)) {
        return number;
      }
    }
  }

  #isWord(number: number, text: string, from: number, to: number): boolean {
    const start = this.#starts.data[number] as number;
    if ((this.#starts.data[number + 1] as number) - start !== to - from) {
      return false;
    }
    for (let i = from; i < to; i++) {
      if (this.#text[start + i - from] !== lower(text.charCodeAt(i))) {
        return false;
      }
    }
    return true;
  }

  #addAscii(text: string, from: number, to: number, hash: number, slot: number): number {
    const start = this.#starts.data[this.length] as number;
    if (start + to - from > this.#text.length) {
      const grown = Buffer.alloc(Math.max(this.#text.length * 2, start + to - from));
      grown.set(this.#text);
      this.#text = grown;
    }
    for (let i = from; i < to; i++) {
      this.#text[start + i - from] = lower(text.charCodeAt(i));
    }
    const number = this.#add(hash, to - from);
    this.#slots[slot] = number + 1;
    if (this.length * 2 > this.#slots.length) {
      this.#grow();
    }
    return number;
  }

  #add(hash: number, length: number): number {
    this.#hashes.push(hash);
    this.#starts.push((this.#starts.data[this.length] as number) + length);
    return this.length++;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.length; number++) {
      if (!this.#otherOf.has(number)) {
        let slot = (this.#hashes.data[number] as number) & mask;
        while (this.#slots[slot] !== 0) {
          slot = (slot + 1) & mask;
        }
        this.#slots[slot] = number + 1;
      }
    }
  }
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= ASCII_CLASSES) {
      return false;
    }
  }
  return true;
}
