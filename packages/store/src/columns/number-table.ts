import { crc32 } from "node:zlib";
import type { ReadCache } from "../segments/cache.ts";
import { DamagedFileError, type SectionReader, type SectionWriter } from "../segments/sections.ts";
import { canonicalInteger } from "../values/value.ts";

/** Numbers of one block: 8 kB, so that looking one up reads little. */
const BLOCK = 1024;

/** Sorted numbers: plain doubles, or 64-bit integers. */
export type Numbers = Float64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

/** Writes sorted numbers as blocks that are read one by one. */
export function writeNumberTable(writer: SectionWriter<unknown>, name: string, numbers: Numbers): void {
  const count = Math.ceil(numbers.length / BLOCK);
  const firsts = numbers instanceof BigInt64Array ? new BigInt64Array(count) : new Float64Array(count);
  const checksums = new Uint32Array(count);
  for (let block = 0; block < count; block++) {
    const part = numbers.subarray(block * BLOCK, (block + 1) * BLOCK);
    firsts[block] = part[0] as never;
    checksums[block] = crc32(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  writer.add(`${name}/numbers`, Buffer.from(numbers.buffer));
  writer.add(`${name}/firsts`, Buffer.from(firsts.buffer));
  writer.add(`${name}/checksums`, Buffer.from(checksums.buffer));
}

/** Sorted numbers of a segment file, read by blocks. Places are 0-based. */
export class NumberTable {
  readonly length: number;
  readonly #reader: SectionReader<unknown>;
  readonly #cache: ReadCache;
  readonly #name: string;
  readonly #key: string;
  readonly #integers: boolean;

  constructor(reader: SectionReader<unknown>, cache: ReadCache, name: string, length: number, integers: boolean) {
    this.#reader = reader;
    this.#cache = cache;
    this.#name = name;
    this.#key = `${reader.path}:${name}`;
    this.#integers = integers;
    this.length = length;
  }

  /** The number at a place. */
  at(place: number): number | bigint {
    return this.#block(Math.floor(place / BLOCK))[place % BLOCK] as number | bigint;
  }

  /** The first place whose number is not below the given value. */
  lowerBound(value: number | bigint): number {
    const block = below(this.#firsts(), value) - 1;
    return block < 0 ? 0 : block * BLOCK + below(this.#block(block), value);
  }

  /** All numbers, in order, without filling the cache. */
  *numbers(): Generator<number | bigint> {
    const all = this.#view(this.#reader.section(`${this.#name}/numbers`)).value;
    for (let place = 0; place < all.length; place++) {
      const value = all[place] as number | bigint;
      yield typeof value === "bigint" ? canonicalInteger(value) : value;
    }
  }

  #firsts(): Numbers {
    return this.#cache.get(`${this.#key}/firsts`, () => this.#view(this.#reader.section(`${this.#name}/firsts`)));
  }

  #block(number: number): Numbers {
    return this.#cache.get(`${this.#key}/${number}`, () => {
      const end = Math.min((number + 1) * BLOCK, this.length);
      const bytes = this.#reader.part(`${this.#name}/numbers`, number * BLOCK * 8, end * 8);
      const checksums = this.#cache.get(`${this.#key}/checksums`, () => {
        const section = this.#reader.section(`${this.#name}/checksums`) as Buffer<ArrayBuffer>;
        return { value: new Uint32Array(section.buffer, 0, section.length / 4), bytes: section.length };
      });
      if (crc32(bytes) !== checksums[number]) {
        throw new DamagedFileError(this.#reader.path, `a block of ${this.#name} has a wrong checksum`);
      }
      return this.#view(bytes);
    });
  }

  #view(bytes: Buffer): { value: Numbers; bytes: number } {
    const buffer = bytes.buffer as ArrayBuffer;
    const length = bytes.length / 8;
    const value = this.#integers ? new BigInt64Array(buffer, 0, length) : new Float64Array(buffer, 0, length);
    return { value, bytes: bytes.length };
  }
}

/** How many of the sorted numbers are below a value. */
function below(numbers: Numbers, value: number | bigint): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number | bigint) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
