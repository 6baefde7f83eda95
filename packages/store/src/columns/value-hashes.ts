import { hashId, idHash } from "../segments/id-hash.ts";
import type { Value } from "../values/value.ts";

/** Two 32-bit hashes for each value of a dictionary, by ordinal. Equal values have equal hashes in every segment. */
export interface ValueHashes {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** Hashes one value into `idHash`. */
export function hashValue(value: Value): void {
  if (typeof value === "number") {
    double[0] = value;
    idHash.high = mix((halves[1] as number) ^ mix(halves[0] as number));
    idHash.low = mix((halves[0] as number) ^ 0x9e3779b9);
    return;
  }
  hashId(typeof value === "string" ? value : String(value));
}

/** Room for the hashes of `size` values. */
export function makeHashes(size: number): ValueHashes {
  return { high: new Uint32Array(size + 1), low: new Uint32Array(size + 1) };
}

/** Puts the hash of a value at its ordinal. */
export function setHash(hashes: ValueHashes, ordinal: number, value: Value): void {
  hashValue(value);
  hashes.high[ordinal] = idHash.high;
  hashes.low[ordinal] = idHash.low;
}

function mix(bits: number): number {
  let a = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (a ^ (a >>> 16)) >>> 0;
}
