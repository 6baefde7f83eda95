/** Two independent 32-bit hashes of an id. The second is never 0. Read `idHash.low` after the call. */
export const idHash: { high: number; low: number } = { high: 0, low: 0 };

/** Hashes an id into `idHash`, without making an object. */
export function hashId(id: string): void {
  let a = 0x9e3779b9 ^ id.length;
  let b = 0x85ebca6b;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    a = Math.imul(a ^ code, 0xcc9e2d51);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ code, 0x1b873593) + 0x52dce729;
    b ^= b >>> 15;
  }
  a ^= b >>> 7;
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0xc2b2ae35);
  b ^= b >>> 13;
  idHash.high = (a ^ (a >>> 16)) >>> 0;
  idHash.low = b >>> 0 || 1;
}
