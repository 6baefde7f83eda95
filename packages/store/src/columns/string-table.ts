import { crc32 } from "node:zlib";
import type { ReadCache } from "../segments/cache.ts";
import { pack, unpack } from "../segments/pack.ts";
import { DamagedFileError, type SectionReader, type SectionWriter } from "../segments/sections.ts";

/** Strings of one block: more where they are short, since each block costs. A table of one block is read without an index. */
const LONG = 128;
const SHORT = 512;
/** Bytes of the first strings beyond which they are long ones. */
const LONG_BYTES = LONG * 80;
const COMPRESS_FROM = 512;

/** Writes sorted strings as blocks that are read one by one. The strings may be made while they are written. */
export function writeStringTable(writer: SectionWriter<unknown>, name: string, strings: Iterable<string>): number {
  const blocks = new StringBlocks();
  writer.add(
    `${name}/strings`,
    (function* (): Generator<Buffer> {
      for (const text of strings) {
        const block = blocks.push(text);
        if (block) {
          yield block;
        }
      }
      const last = blocks.flush();
      if (last) {
        yield last;
      }
    })(),
  );
  blocks.writeIndex(writer, name);
  return blocks.count;
}

/** Makes the blocks of sorted strings. */
export class StringBlocks {
  /** Strings so far. */
  count = 0;
  // The first entry tells the strings of a block: the first block begins at 0 anyway.
  readonly #ends: number[] = [LONG];
  readonly #firsts: string[] = [];
  #size = LONG;
  #pending: string[] = [];
  #offset = 0;

  /** Adds the next string. Gives a block when one is full. */
  push(text: string): Buffer | null {
    this.#pending.push(text);
    this.count += 1;
    if (this.count === LONG && this.#pending.join("").length < LONG_BYTES) {
      this.#size = SHORT;
      this.#ends[0] = SHORT;
    }
    return this.#pending.length === this.#size ? this.flush() : null;
  }

  /** The block of what is left; null when nothing is. */
  flush(): Buffer | null {
    const [first] = this.#pending;
    if (first === undefined) {
      return null;
    }
    const block = encodeBlock(this.#pending);
    this.#firsts.push(first);
    this.#offset += block.length;
    this.#ends.push(this.#offset);
    this.#pending = [];
    return block;
  }

  /** Writes where the blocks end, and the first string of each. */
  writeIndex(writer: SectionWriter<unknown>, name: string): void {
    writer.add(`${name}/index`, Buffer.from(Uint32Array.from(this.#ends).buffer));
    writer.add(`${name}/firsts`, Buffer.from(JSON.stringify(this.#firsts)));
  }
}

function encodeBlock(strings: readonly string[]): Buffer {
  const lengths = new Uint32Array(strings.length);
  const joined = strings.join("");
  let body = Buffer.from(joined);
  if (body.length === joined.length) {
    strings.forEach((one, i) => {
      lengths[i] = one.length;
    });
  } else {
    const parts = strings.map((one) => Buffer.from(one));
    body = Buffer.concat(parts);
    parts.forEach((part, i) => {
      lengths[i] = part.length;
    });
  }
  const raw = Buffer.concat([Buffer.from(lengths.buffer), body]);
  const packed = raw.length >= COMPRESS_FROM ? pack(raw) : raw;
  const prefix = Buffer.alloc(9);
  prefix.writeUInt8(packed === raw ? 0 : 1, 0);
  prefix.writeUInt32LE(strings.length, 1);
  prefix.writeUInt32LE(crc32(packed), 5);
  return Buffer.concat([prefix, packed]);
}

/** A block as it is kept in memory: the bytes of its strings, and where each begins. */
interface Block {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
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
    const size = this.#blockSize();
    return text(this.#block(Math.floor(place / size)), place % size);
  }

  /** The first place whose string is not below the given one. */
  lowerBound(wanted: string): number {
    if (this.length === 0) {
      return 0;
    }
    if (this.length <= LONG) {
      return this.#below(0, wanted);
    }
    const firsts = this.#firsts();
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((firsts[middle] as string) < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low === 0 ? 0 : (low - 1) * this.#blockSize() + this.#below(low - 1, wanted);
  }

  /** The place of a string; -1 when it is not there. */
  find(wanted: string): number {
    const place = this.lowerBound(wanted);
    return place < this.length && this.at(place) === wanted ? place : -1;
  }

  /** Calls back for places `from` to `to` (excluded). */
  scan(from: number, to: number, visit: (text: string, place: number) => void): void {
    const size = this.#blockSize();
    for (let place = from; place < to; ) {
      const number = Math.floor(place / size);
      const block = this.#block(number);
      const stop = Math.min(to, (number + 1) * size);
      for (; place < stop; place++) {
        visit(text(block, place % size), place);
      }
    }
  }

  /** All strings, in order, without filling the cache. */
  *strings(): Generator<string> {
    const size = this.#blockSize();
    for (let number = 0; number * size < this.length; number++) {
      const block = this.#read(number).value;
      for (let i = 0; i + 1 < block.starts.length; i++) {
        yield text(block, i);
      }
    }
  }

  /** How many strings of a block are below the given one. */
  #below(number: number, wanted: string): number {
    const block = this.#block(number);
    let low = 0;
    let high = block.starts.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (text(block, middle) < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #firsts(): readonly string[] {
    return this.#cache.get(`${this.#key}/firsts`, () => {
      const bytes = this.#reader.section(`${this.#name}/firsts`);
      return { value: JSON.parse(bytes.toString()) as string[], bytes: bytes.length * 2 + 64 };
    });
  }

  /** The block size, then the end of each block; null for a table so small that it is one block. */
  #index(): Uint32Array | null {
    return this.length <= LONG
      ? null
      : this.#cache.get(`${this.#key}/index`, () => {
          const bytes = this.#reader.section(`${this.#name}/index`);
          return { value: new Uint32Array(bytes.buffer, 0, bytes.length / 4), bytes: bytes.length };
        });
  }

  #blockSize(): number {
    return this.#index()?.[0] ?? LONG;
  }

  #block(number: number): Block {
    return this.#cache.get(`${this.#key}/${number}`, () => this.#read(number));
  }

  #read(number: number): { value: Block; bytes: number } {
    const index = this.#index();
    const packed = index
      ? this.#reader.part(
          `${this.#name}/strings`,
          number === 0 ? 0 : (index[number] as number),
          index[number + 1] as number,
        )
      : this.#reader.section(`${this.#name}/strings`);
    const body = packed.subarray(9);
    if (crc32(body) !== packed.readUInt32LE(5)) {
      throw new DamagedFileError(this.#reader.path, `a block of ${this.#name} has a wrong checksum`);
    }
    const bytes = packed.readUInt8(0) === 1 ? unpack(body) : body;
    const count = packed.readUInt32LE(1);
    const starts = new Uint32Array(count + 1);
    starts[0] = count * 4;
    for (let i = 0; i < count; i++) {
      starts[i + 1] = (starts[i] as number) + bytes.readUInt32LE(i * 4);
    }
    return { value: { bytes, starts }, bytes: bytes.length + count * 4 + 300 };
  }
}

function text({ bytes, starts }: Block, i: number): string {
  return bytes.toString("utf8", starts[i] as number, starts[i + 1] as number);
}
