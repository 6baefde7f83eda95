import type { SectionReader } from "./sections.ts";

/** Hashes that are read around the place where one should be. */
const WINDOW = 512;

/** Finds ids in a segment file by their hashes, which are in order: little is read, and nothing is kept in memory. */
export class IdLookup {
  readonly #reader: SectionReader<unknown>;
  readonly #length: number;
  #verified = false;

  constructor(reader: SectionReader<unknown>, length: number) {
    this.#reader = reader;
    this.#length = length;
  }

  /** All hashes and the documents they are of, by the high hash, their checksums verified. */
  all(): { readonly high: Uint32Array; readonly low: Uint32Array; readonly document: Uint32Array } {
    const read = (section: string): Uint32Array => {
      const bytes = this.#reader.section(section);
      return new Uint32Array(bytes.buffer, 0, bytes.length / 4);
    };
    const all = { high: read("idHigh"), low: read("idLow"), document: read("idDocument") };
    this.#verified = true;
    return all;
  }

  /** The documents whose ids have two hashes. */
  find(high: number, low: number): number[] {
    if (!this.#verified) {
      // Parts are read without a checksum: the whole is verified once.
      this.all();
    }
    // Hashes are even over their range: their value tells about where they are.
    let from = Math.max(0, Math.floor((high / 2 ** 32) * this.#length) - WINDOW / 2);
    let window = this.#part("idHigh", from);
    while (from > 0 && (window[0] as number) >= high) {
      from = Math.max(0, from - WINDOW + 1);
      window = this.#part("idHigh", from);
    }
    const found: number[] = [];
    for (;;) {
      for (let i = 0; i < window.length; i++) {
        const hash = window[i] as number;
        if (hash > high) {
          return found;
        }
        if (hash === high && this.#one("idLow", from + i) === low) {
          found.push(this.#one("idDocument", from + i));
        }
      }
      from += window.length;
      if (from >= this.#length) {
        return found;
      }
      window = this.#part("idHigh", from);
    }
  }

  #part(section: string, from: number): Uint32Array {
    const bytes = this.#reader.part(section, from * 4, Math.min(from + WINDOW, this.#length) * 4);
    return new Uint32Array(bytes.buffer, 0, bytes.length / 4);
  }

  #one(section: string, at: number): number {
    return this.#reader.part(section, at * 4, at * 4 + 4).readUInt32LE(0);
  }
}
