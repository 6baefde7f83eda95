import { crc32 } from "node:zlib";
import type { SectionWriter } from "../segments/sections.ts";
import type { Postings } from "./column.ts";
import { GrowableUint32 } from "./growable.ts";

const CHUNK = 1 << 20;
/** Bytes of the checksum before a word's postings. */
export const POSTINGS_CHECKSUM = 2;

/** Set in a posting's byte of place when the word stands in the value again, behind its first place. */
export const PLACE_MORE = 128;
/** A word's first place is here or behind it: then it is not known. */
export const PLACE_FAR = 127;

/** A word's first place in a value as a byte. */
export function placeByte(place: number): number {
  return place < PLACE_FAR ? place : PLACE_FAR | PLACE_MORE;
}

/** An ordinal and a byte of place as one number. Segments stay far below 2^24 values. */
export function packPosting(ordinal: number, byte: number): number {
  return ((ordinal << 8) | byte) >>> 0;
}

/**
 * Collects the postings of words in their order: for each a checksum, their number, the ordinals as differences, and a
 * byte of place for each.
 */
export class PostingsWriter {
  readonly #chunks: Buffer[] = [];
  readonly #ends: GrowableUint32 = new GrowableUint32(1024);
  #chunk: Buffer = Buffer.allocUnsafe(CHUNK);
  #at = 0;
  #offset = 0;

  constructor() {
    this.#ends.push(0);
  }

  /** Adds the next word's packed postings, ascending. */
  add(packed: Uint32Array): void {
    const most = POSTINGS_CHECKSUM + 5 + packed.length * 6;
    if (this.#at + most > this.#chunk.length) {
      this.#flush();
      this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK, most));
    }
    const chunk = this.#chunk;
    const start = this.#at;
    let at = writeVarint(chunk, start + POSTINGS_CHECKSUM, packed.length);
    let before = 0;
    for (let i = 0; i < packed.length; i++) {
      const ordinal = (packed[i] as number) >>> 8;
      at = writeVarint(chunk, at, ordinal - before);
      before = ordinal;
    }
    for (let i = 0; i < packed.length; i++) {
      chunk[at++] = (packed[i] as number) & 255;
    }
    chunk.writeUInt16LE(crc32(chunk.subarray(start + POSTINGS_CHECKSUM, at)) & 0xffff, start);
    this.#at = at;
    this.#ends.push(this.#offset + at);
  }

  /** Writes the sections. */
  finish(writer: SectionWriter<unknown>, name: string): void {
    this.#flush();
    writer.add(`${name}/postings`, this.#chunks);
    const { data, length } = this.#ends;
    writer.add(`${name}/postingsIndex`, Buffer.from(data.buffer, 0, length * 4));
  }

  #flush(): void {
    if (this.#at > 0) {
      this.#chunks.push(this.#chunk.subarray(0, this.#at));
      this.#offset += this.#at;
      this.#at = 0;
    }
  }
}

/** Reads a word's postings out of `[from, to)`; null when their checksum is wrong. */
export function readPostings(bytes: Buffer, from: number, to: number): Postings | null {
  const body = from + POSTINGS_CHECKSUM;
  if (to <= body || (crc32(bytes.subarray(body, to)) & 0xffff) !== bytes.readUInt16LE(from)) {
    return null;
  }
  let at = body;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 127) << shift;
      if (byte < 128) {
        return value;
      }
    }
  };
  const count = varint();
  const ordinals = new Uint32Array(count);
  let before = 0;
  for (let i = 0; i < count; i++) {
    before += varint();
    ordinals[i] = before;
  }
  return { ordinals, places: bytes.subarray(at, at + count) };
}

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  let end = at;
  while (rest > 127) {
    bytes[end++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
}
