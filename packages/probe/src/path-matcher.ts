import type { PathPattern } from "@falco-efk/event";
import { ByteTrie, type TrieEntry } from "./byte-trie.ts";
import { beginningOf, bytesOf } from "./filter-terms.ts";
import { TextSearch } from "./text-search.ts";

const SLASH = 0x2f;

/** A pattern, and the clauses that it is of as bits. */
export type PatternOfClauses = readonly [pattern: PathPattern, clauses: number];

/** Which of many patterns an absolute path in bytes matches; each pattern stands for a mask of bits. */
export class PathMatcher {
  /** Its conditional bits are those of patterns whose path must have no further slash. */
  readonly #beginnings: ByteTrie;
  /** Backwards. */
  readonly #ends: ByteTrie;
  readonly #within: TextSearch;
  /** The bits of patterns without a text, which match every path. */
  readonly #always: number = 0;

  constructor(patterns: Iterable<PatternOfClauses>) {
    const beginnings: TrieEntry[] = [];
    const ends: TrieEntry[] = [];
    const within = new Map<string, number>();
    for (const [pattern, mask] of patterns) {
      const bytes = bytesOf(pattern.text);
      if (bytes === "" && pattern.kind !== "exact") {
        this.#always |= mask;
        continue;
      }
      if (pattern.kind === "contains") within.set(bytes, (within.get(bytes) ?? 0) | mask);
      else if (pattern.kind === "suffix") ends.push({ text: [...bytes].reverse().join(""), mask, direct: 0 });
      else if (pattern.kind === "child") beginnings.push({ text: beginningOf(pattern), mask: 0, direct: mask });
      else beginnings.push({ text: beginningOf(pattern), mask, direct: 0 });
    }
    this.#beginnings = new ByteTrie(beginnings);
    this.#ends = new ByteTrie(ends);
    this.#within = new TextSearch(within);
  }

  /** The bits of all patterns that the path from `from` to `end` matches. */
  match(bytes: Uint8Array, from: number, end: number): number {
    const bound = this.#begins(bytes, from, end) | this.#endsWith(bytes, from, end);
    return this.#always | bound | this.#within.find(bytes, from, end);
  }

  #begins(bytes: Uint8Array, from: number, end: number): number {
    const trie = this.#beginnings;
    let mask = 0;
    for (let at = from, node = 0; at <= end; at++) {
      const byte = at < end ? (bytes[at] as number) : 0;
      node = trie.step(node, byte);
      if (node < 0) break;
      mask |= trie.mask(node);
      if (trie.direct(node) !== 0 && !hasSlash(bytes, at + 1, end)) mask |= trie.direct(node);
    }
    return mask;
  }

  #endsWith(bytes: Uint8Array, from: number, end: number): number {
    const trie = this.#ends;
    let mask = 0;
    for (let at = end - 1, node = 0; at >= from; at--) {
      node = trie.step(node, bytes[at] as number);
      if (node < 0) break;
      mask |= trie.mask(node);
    }
    return mask;
  }
}

function hasSlash(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = end - 1; at >= from; at--) if (bytes[at] === SLASH) return true;
  return false;
}
