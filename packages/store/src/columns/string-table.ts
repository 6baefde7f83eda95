import { crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { ReadCache } from "../segments/cache.ts";
import { DamagedFileError, type SectionReader, type SectionWriter } from "../segments/sections.ts";

/** Strings of one block. */
const BLOCK = 128;
const COMPRESS_FROM = 512;

/** Writes sorted strings as blocks that are read one by one. */
export function writeStringTable(writer: SectionWriter<unknown>, name: string, strings: readonly string[]): void {
  const blocks: Buffer[] = [];
  const index = new Uint32Array(Math.ceil(strings.length / BLOCK) + 1);
  const firsts: string[] = [];
  let offset = 0;
  for (let from = 0; from < strings.length; from += BLOCK) {
    const block = encodeBlock(strings.slice(from, from + BLOCK));
    firsts.push(strings[from] as string);
    blocks.push(block);
    offset += block.length;
    index[from / BLOCK + 1] = offset;
  }
  writer.add(`${name}/strings`, blocks);
  writer.add(`${name}/index`, Buffer.from(index.buffer));
  writer.add(`${name}/firsts`, Buffer.from(JSON.stringify(firsts)));
}

function encodeBlock(strings: readonly string[]): Buffer {
  const bytes = strings.map((text) => Buffer.from(text));
  const head = Buffer.alloc(4 * strings.length);
  bytes.forEach((text, i) => {
    head.writeUInt32LE(text.length, i * 4);
  });
  const raw = Buffer.concat([head, ...bytes]);
  const packed = raw.length >= COMPRESS_FROM ? zstdCompressSync(raw) : raw;
  const prefix = Buffer.alloc(9);
  prefix.writeUInt8(packed === raw ? 0 : 1, 0);
  prefix.writeUInt32LE(strings.length, 1);
  prefix.writeUInt32LE(crc32(packed), 5);
  return Buffer.concat([prefix, packed]);
}

/** Sorted strings of a segment file, read by blocks. Places are 0-based. */
export class StringTable {
  readonly length: number;
  readonly #reader: SectionReader<unknown>;
  readonly #cache: ReadCache;
  readonly #name: string;
  readonly #key: string;

  constructor(reader: SectionReader<unknown>, cache: ReadCache, name: string, length: number) {
    this.#reader = reader;
    this.#cache = cache;
    this.#name = name;
    this.#key = `${reader.path}:${name}`;
    this.length = length;
  }

  /** The string at a place. */
  at(place: number): string {
    return this.#block(Math.floor(place / BLOCK))[place % BLOCK] as string;
  }

  /** The first place whose string is not below the given one. */
  lowerBound(text: string): number {
    if (this.length === 0) {
      return 0;
    }
    if (this.length <= BLOCK) {
      return lowerBoundOf(this.#block(0), text);
    }
    const firsts = this.#firsts();
    const block = lowerBoundOf(firsts, text) - 1;
    return block < 0 ? 0 : block * BLOCK + lowerBoundOf(this.#block(block), text);
  }

  /** The place of a string; -1 when it is not there. */
  find(text: string): number {
    const place = this.lowerBound(text);
    return place < this.length && this.at(place) === text ? place : -1;
  }

  /** Calls back for places `from` to `to` (excluded). */
  scan(from: number, to: number, visit: (text: string, place: number) => void): void {
    for (let place = from; place < to; ) {
      const number = Math.floor(place / BLOCK);
      const block = this.#block(number);
      const stop = Math.min(to, (number + 1) * BLOCK);
      for (; place < stop; place++) {
        visit(block[place % BLOCK] as string, place);
      }
    }
  }

  #firsts(): readonly string[] {
    return this.#cache.get(`${this.#key}/firsts`, () => {
      const bytes = this.#reader.section(`${this.#name}/firsts`);
      return { value: JSON.parse(bytes.toString()) as string[], bytes: bytes.length * 2 + 64 };
    });
  }

  #block(number: number): readonly string[] {
    return this.#cache.get(`${this.#key}/${number}`, () => {
      const small = this.length <= BLOCK;
      const index = small
        ? null
        : this.#cache.get(`${this.#key}/index`, () => {
            const bytes = this.#reader.section(`${this.#name}/index`);
            return { value: new Uint32Array(bytes.buffer, 0, bytes.length / 4), bytes: bytes.length };
          });
      const packed = index
        ? this.#reader.part(`${this.#name}/strings`, index[number] as number, index[number + 1] as number)
        : this.#reader.section(`${this.#name}/strings`);
      const body = packed.subarray(9);
      if (crc32(body) !== packed.readUInt32LE(5)) {
        throw new DamagedFileError(this.#reader.path, `a block of ${this.#name} has a wrong checksum`);
      }
      const raw = packed.readUInt8(0) === 1 ? zstdDecompressSync(body) : body;
      const count = packed.readUInt32LE(1);
      const strings: string[] = [];
      let at = count * 4;
      for (let i = 0; i < count; i++) {
        const length = raw.readUInt32LE(i * 4);
        strings.push(raw.toString("utf8", at, at + length));
        at += length;
      }
      return { value: strings, bytes: raw.length + count * 32 };
    });
  }
}

function lowerBoundOf(strings: readonly string[], text: string): number {
  let low = 0;
  let high = strings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((strings[middle] as string) < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
