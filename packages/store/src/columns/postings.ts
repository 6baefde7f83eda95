import { crc32 } from "node:zlib";
import { unpack } from "../segments/pack.ts";
import type { Postings, WordIndex } from "./column.ts";
import { countedOrdinals } from "./counted.ts";

/** Set in a posting's byte of place when the word stands in the value again, behind its first place. */
export const PLACE_MORE = 128;
/** A word's first place is here or behind it: then it is not known. */
export const PLACE_FAR = 127;

/** How the ordinals of a list are stored, in the lowest bits of its count. */
export const LIST_SHORT = 0;
export const LIST_LONG = 1;
export const LIST_BITS = 2;
export const LIST_ALL = 3;

/** Bytes of a list that are enough to know its kind, its count and where its parts lie. */
export const LIST_HEAD = 16;
const CHECKSUM = 2;

/** A word's first place in a value as a byte. */
export function placeByte(place: number): number {
  return place < PLACE_FAR ? place : PLACE_FAR | PLACE_MORE;
}

/** An ordinal and a byte of place as one number. Segments stay far below 2^24 values. */
export function packPosting(ordinal: number, byte: number): number {
  return ((ordinal << 8) | byte) >>> 0;
}

/** Words whose lists are in memory, without places. */
export function memoryWords(lists: ReadonlyMap<string, readonly number[]>): WordIndex {
  const postings = (ordinals: readonly number[]): Postings => ({
    count: ordinals.length,
    ordinals,
    places: null,
    locate: (wanted) => locateIn(ordinals, wanted),
  });
  return {
    find: (word) => {
      const ordinals = lists.get(word);
      return ordinals === undefined ? null : postings(ordinals);
    },
    scan: (prefix, visit) => {
      for (const [word, ordinals] of lists) {
        if (word.startsWith(prefix)) {
          visit(word, () => postings(ordinals));
        }
      }
    },
  };
}

/** Where a list lies in a buffer. Its places may be left out of it: then they are read when they are asked for. */
export interface StoredList {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  readonly readPlaces?: () => Buffer;
}

/** Where the places begin in a list of so many bytes, told by its first `LIST_HEAD` bytes. */
export function placesAt(head: Buffer, length: number): number {
  const cursor = { bytes: head, at: CHECKSUM };
  const first = varint(cursor);
  return length - ((first & 3) === LIST_SHORT ? first >>> 2 : varint(cursor));
}

/**
 * A word's list as it lies in a file of a column with `size` values. Its ordinals and its places are checked and unpacked
 * when they are asked for. `damaged` makes the error to throw.
 */
export class FilePostings implements Postings {
  readonly count: number;
  readonly #kind: number;
  readonly #list: StoredList;
  readonly #damaged: () => Error;
  /** Where the ordinals begin in the buffer, and where they end. */
  readonly #body: number;
  readonly #bodyEnd: number;
  #sound = false;

  constructor(list: StoredList, size: number, damaged: () => Error) {
    const cursor = { bytes: list.bytes, at: list.from + CHECKSUM };
    const head = varint(cursor);
    this.#list = list;
    this.#damaged = damaged;
    this.#kind = head & 3;
    this.count = head >>> 2;
    const placeBytes = this.#kind === LIST_SHORT ? this.count : varint(cursor);
    this.#body = cursor.at + (this.#kind === LIST_SHORT ? 0 : CHECKSUM);
    this.#bodyEnd = list.readPlaces ? list.to : list.to - placeBytes;
    if (this.#body > this.#bodyEnd || this.count > size) {
      throw damaged();
    }
  }

  get ordinals(): Uint32Array {
    this.#check();
    if (this.#kind === LIST_ALL) {
      return countedOrdinals(this.count);
    }
    const ordinals = new Uint32Array(this.count);
    const { bytes } = this.#list;
    if (this.#kind === LIST_BITS) {
      for (let at = 0, byte = this.#body; byte < this.#bodyEnd; byte++) {
        const first = (byte - this.#body) * 8 + 1;
        for (let bits = bytes[byte] as number; bits !== 0; bits &= bits - 1) {
          ordinals[at++] = first + 31 - Math.clz32(bits & -bits);
        }
      }
      return ordinals;
    }
    let ordinal = 0;
    let at = this.#body;
    for (let i = 0; i < ordinals.length; i++) {
      let byte = bytes[at++] as number;
      let step = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[at++] as number;
        step |= (byte & 127) << shift;
      }
      ordinal += step;
      ordinals[i] = ordinal;
    }
    return ordinals;
  }

  get places(): Uint8Array {
    const { bytes, to, readPlaces } = this.#list;
    const places = readPlaces?.() ?? bytes.subarray(this.#bodyEnd, to);
    if (this.#kind === LIST_SHORT) {
      this.#check();
      return places;
    }
    if (checksum(places) !== bytes.readUInt16LE(this.#body - CHECKSUM)) {
      throw this.#damaged();
    }
    return places.length === this.count ? places : unpack(places);
  }

  locate(wanted: Uint32Array): Int32Array {
    if (this.#kind === LIST_ALL) {
      this.#check();
      const found = new Int32Array(wanted.length);
      for (let i = 0; i < wanted.length; i++) {
        found[i] = (wanted[i] as number) - 1;
      }
      return found;
    }
    if (this.#kind !== LIST_BITS) {
      return locateIn(this.ordinals, wanted);
    }
    this.#check();
    return locateInBits(this.#list.bytes.subarray(this.#body, this.#bodyEnd), wanted);
  }

  /** Throws when the checksum over the head and the ordinals, in a short list over the places as well, is wrong. */
  #check(): void {
    if (this.#sound) {
      return;
    }
    const { bytes, from, to } = this.#list;
    const end = this.#kind === LIST_SHORT ? to : this.#bodyEnd;
    if (checksum(bytes.subarray(from + CHECKSUM, end)) !== bytes.readUInt16LE(from)) {
      throw this.#damaged();
    }
    this.#sound = true;
  }
}

/** The checksum of a list's part. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes) & 0xffff;
}

function varint(cursor: { readonly bytes: Buffer; at: number }): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.bytes[cursor.at++] ?? 0;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) {
      break;
    }
  }
  return value;
}

/** By ascending ordinal: where it is in an ascending list, −1 where it is not. */
function locateIn(list: Uint32Array | readonly number[], wanted: Uint32Array): Int32Array {
  const found = new Int32Array(wanted.length).fill(-1);
  let at = 0;
  for (let i = 0; i < wanted.length && at < list.length; i++) {
    const ordinal = wanted[i] as number;
    // Steps that double, then halves between the last two: a short list is found in a long one without walking it.
    let step = 1;
    let low = at;
    while (at < list.length && (list[at] as number) < ordinal) {
      low = at;
      at += step;
      step *= 2;
    }
    let high = Math.min(at, list.length);
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle] as number) < ordinal) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    at = high;
    if (list[at] === ordinal) {
      found[i] = at;
    }
  }
  return found;
}

function locateInBits(bits: Uint8Array, wanted: Uint32Array): Int32Array {
  const found = new Int32Array(wanted.length).fill(-1);
  let before = 0;
  let byte = 0;
  for (let i = 0; i < wanted.length; i++) {
    const bit = (wanted[i] as number) - 1;
    for (; byte < bit >> 3; byte++) {
      before += ONES[bits[byte] as number] as number;
    }
    const own = bits[byte] as number;
    if ((own >> (bit & 7)) & 1) {
      found[i] = before + (ONES[own & ((1 << (bit & 7)) - 1)] as number);
    }
  }
  return found;
}

/** How many bits of a byte are set. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);
