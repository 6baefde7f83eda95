import { pack } from "../segments/pack.ts";
import { GrowableUint32 } from "./growable.ts";
import { checksum, LIST_ALL, LIST_BITS, LIST_LONG, LIST_SHORT } from "./postings.ts";

const CHUNK = 1 << 18;
/** Postings from which a list has its ordinals and places apart, each under a checksum of its own. */
const LONG_FROM = 512;

/**
 * Makes the lists of words, in their order, of a column with `size` values. A short list is a checksum, its count, the
 * ordinals as differences, and a byte of place for each. Of a long one the ordinals are stored as differences or as bits,
 * whichever is smaller, or not at all when every value has the word; its places are compressed if that helps.
 */
export class PostingsWriter {
  readonly #size: number;
  readonly #ends: GrowableUint32 = new GrowableUint32(1024);
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK);
  #at = 0;
  #offset = 0;

  constructor(size: number) {
    this.#size = size;
    this.#ends.push(0);
  }

  /** Adds the next word's packed postings, ascending. Gives bytes to be written first, when there is no more room. */
  add(packed: Uint32Array): Buffer | null {
    const most = 16 + packed.length * 6;
    let full: Buffer | null = null;
    if (this.#at + most > this.#chunk.length) {
      full = this.take();
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK, most));
    }
    this.#at = packed.length < LONG_FROM ? this.#short(packed) : this.#long(packed);
    this.#ends.push(this.#offset + this.#at);
    return full;
  }

  /** The bytes that were not given yet; null when there are none. */
  take(): Buffer | null {
    if (this.#at === 0) {
      return null;
    }
    const bytes = this.#chunk.subarray(0, this.#at);
    this.#offset += this.#at;
    this.#at = 0;
    return bytes;
  }

  /** Where each list ends, after a 0. */
  index(): Buffer {
    const { data, length } = this.#ends;
    return Buffer.from(data.buffer, 0, length * 4);
  }

  #short(packed: Uint32Array): number {
    const chunk = this.#chunk;
    const start = this.#at;
    let at = writeVarint(chunk, start + 2, packed.length * 4 + LIST_SHORT);
    at = writeDifferences(chunk, at, packed);
    for (let i = 0; i < packed.length; i++) {
      chunk[at++] = (packed[i] as number) & 255;
    }
    chunk.writeUInt16LE(checksum(chunk.subarray(start + 2, at)), start);
    return at;
  }

  #long(packed: Uint32Array): number {
    const chunk = this.#chunk;
    const start = this.#at;
    const raw = new Uint8Array(packed.length);
    for (let i = 0; i < raw.length; i++) {
      raw[i] = (packed[i] as number) & 255;
    }
    const compressed = pack(raw);
    const places = compressed.length < raw.length * 0.8 ? compressed : raw;
    const bitBytes = Math.ceil(this.#size / 8);
    const kind = packed.length === this.#size ? LIST_ALL : packed.length > bitBytes ? LIST_BITS : LIST_LONG;
    let at = writeVarint(chunk, start + 2, packed.length * 4 + kind);
    at = writeVarint(chunk, at, places.length);
    chunk.writeUInt16LE(checksum(places), at);
    at += 2;
    if (kind === LIST_BITS) {
      chunk.fill(0, at, at + bitBytes);
      for (let i = 0; i < packed.length; i++) {
        const bit = ((packed[i] as number) >>> 8) - 1;
        chunk[at + (bit >> 3)] = (chunk[at + (bit >> 3)] as number) | (1 << (bit & 7));
      }
      at += bitBytes;
    } else if (kind === LIST_LONG) {
      at = writeDifferences(chunk, at, packed);
    }
    chunk.writeUInt16LE(checksum(chunk.subarray(start + 2, at)), start);
    chunk.set(places, at);
    return at + places.length;
  }
}

function writeDifferences(bytes: Buffer, from: number, packed: Uint32Array): number {
  let at = from;
  let before = 0;
  for (let i = 0; i < packed.length; i++) {
    const ordinal = (packed[i] as number) >>> 8;
    at = writeVarint(bytes, at, ordinal - before);
    before = ordinal;
  }
  return at;
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
