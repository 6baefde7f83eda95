import { readdirSync } from "node:fs";
import type { PathPattern, PushdownClause, TypeFilter } from "@falco-efk/event";
import { beginningOf, bytesOf, CLASS_CONTAINED, HAS_PATHS, requiredClasses } from "./filter-terms.ts";
import { LAYOUT } from "./frame-layout.ts";

/** Keys are cut here, which passes more; bpf/filter.h has the same numbers. */
const PATTERN_BYTES = 252;
const SUFFIX_BYTES = 56;
const SUFFIX_LENGTHS = 8;
const ALL_CLAUSES = (1n << 64n) - 1n;
const MAX_CLAUSES = 64;

/** One type's filter as the kernel has it: the table, and what goes into the shared maps under the type's set number. */
export interface EncodedFilter {
  readonly table: Uint8Array;
  /** Clauses by the bytes of a pattern; those of a pattern's own prefixes included, since the longest match alone is found. */
  readonly prefixes: ReadonlyMap<string, bigint>;
  readonly suffixes: ReadonlyMap<string, bigint>;
}

function add(map: Map<string, bigint>, key: string, clause: bigint): void {
  map.set(key, (map.get(key) ?? 0n) | clause);
}

/** Gives every pattern the clauses of the patterns it starts with. */
function accumulate(patterns: ReadonlyMap<string, bigint>): Map<string, bigint> {
  const whole = new Map<string, bigint>();
  for (const [key, own] of patterns) {
    let clauses = own;
    for (let length = 1; length < key.length; length++) clauses |= patterns.get(key.slice(0, length)) ?? 0n;
    whole.set(key, clauses);
  }
  return whole;
}

/**
 * Gives what asks for the root's own entries to every pattern that such an entry could match, and to none of what lies
 * deeper: each folder of the root gets a pattern, which hides the root's own. A folder that is made later passes more.
 */
function spreadOverRoot(prefixes: ReadonlyMap<string, bigint>, clauses: bigint): Map<string, bigint> {
  if (clauses === 0n) return accumulate(prefixes);
  const folders = readdirSync("/", "latin1").map((name) => `/${name}/`);
  const keys = new Map(["/", ...folders].map((key) => [key, 0n]));
  const whole = accumulate(new Map([...keys, ...prefixes]));
  for (const [key, others] of whole) if (!key.includes("/", 1)) whole.set(key, others | clauses);
  return whole;
}

/** Shortens suffixes so that no last byte has more lengths than the kernel tries. Shorter passes more. */
function fewLengths(suffixes: ReadonlyMap<string, bigint>): Map<string, bigint> {
  const byLast = Map.groupBy(suffixes, ([text]) => text.slice(-1));
  const kept = new Map<string, bigint>();
  for (const group of byLast.values()) {
    const lengths = [...new Set(group.map(([text]) => text.length))].sort((a, b) => a - b);
    const longest = lengths[Math.min(lengths.length, SUFFIX_LENGTHS) - 1] ?? 0;
    for (const [text, clauses] of group) add(kept, text.slice(-longest), clauses);
  }
  return kept;
}

class TypeEncoder {
  readonly #view = new DataView(new ArrayBuffer(LAYOUT["type_filter.bytes"]));
  readonly #type: number;
  readonly #hasPaths: boolean;
  readonly #prefixes = new Map<string, bigint>();
  readonly #suffixes = new Map<string, bigint>();
  #inRoot = 0n;
  #anyPath = 0n;
  #needsDotdot = 0n;
  #needsContained = 0n;
  #bits = 0;
  readonly #required: number[] = [];

  constructor(type: number) {
    this.#type = type;
    this.#hasPaths = HAS_PATHS[type] ?? false;
  }

  add(clause: PushdownClause): void {
    const bit = 1n << BigInt(this.#bits++);
    const required = requiredClasses(this.#type, clause);
    this.#required.push(required & (LAYOUT.CLASS_COMBINATIONS - 1));
    if ((required & CLASS_CONTAINED) !== 0) this.#needsContained |= bit;
    if ((required & LAYOUT.CLASS_DOTDOT) !== 0) this.#needsDotdot |= bit;
    if (clause.paths === null || !this.#hasPaths) this.#anyPath |= bit;
    else for (const pattern of clause.paths) this.#addPattern(pattern, bit);
  }

  #addPattern(pattern: PathPattern, bit: bigint): void {
    if (pattern.kind === "contains") {
      this.#anyPath |= bit;
      return;
    }
    if (pattern.kind === "suffix") {
      const text = bytesOf(pattern.text).slice(-SUFFIX_BYTES);
      if (text === "") this.#anyPath |= bit;
      else add(this.#suffixes, text, bit);
      return;
    }
    const text = beginningOf(pattern).slice(0, PATTERN_BYTES);
    if (pattern.kind === "child" && text === "/") this.#inRoot |= bit;
    else if (text === "") this.#anyPath |= bit;
    else add(this.#prefixes, text, bit);
  }

  finish(): EncodedFilter {
    const view = this.#view;
    for (let classes = 0; classes < LAYOUT.CLASS_COMBINATIONS; classes++) {
      let clauses = 0n;
      this.#required.forEach((required, index) => {
        if ((classes & required) === required) clauses |= 1n << BigInt(index);
      });
      view.setBigUint64(LAYOUT["type_filter.by_class"] + classes * 8, clauses, true);
    }
    view.setBigUint64(LAYOUT["type_filter.any_path"], this.#anyPath, true);
    view.setBigUint64(LAYOUT["type_filter.needs_dotdot"], this.#needsDotdot, true);
    view.setBigUint64(LAYOUT["type_filter.needs_contained"], this.#needsContained, true);
    view.setUint32(LAYOUT["type_filter.active"], 1, true);
    const prefixes = spreadOverRoot(this.#prefixes, this.#inRoot);
    const suffixes = fewLengths(this.#suffixes);
    for (const text of suffixes.keys()) {
      const at = LAYOUT["type_filter.suffix_lengths"] + text.charCodeAt(text.length - 1) * 8;
      view.setBigUint64(at, view.getBigUint64(at, true) | (1n << BigInt(text.length)), true);
    }
    view.setUint16(LAYOUT["type_filter.has_prefixes"], prefixes.size > 0 ? 1 : 0, true);
    view.setUint16(LAYOUT["type_filter.has_suffixes"], suffixes.size > 0 ? 1 : 0, true);
    return {
      table: new Uint8Array(view.buffer),
      prefixes,
      suffixes,
    };
  }
}

/** A table that lets everything pass: what a type has before any filter. */
export function passTable(): Uint8Array {
  const view = new DataView(new ArrayBuffer(LAYOUT["type_filter.bytes"]));
  view.setBigUint64(LAYOUT["type_filter.any_path"], ALL_CLAUSES, true);
  return new Uint8Array(view.buffer);
}

/** Translates one type's filter for the kernel. */
export function encodeFilter(type: number, filter: TypeFilter): EncodedFilter {
  if (filter.kind === "pass" || filter.clauses.length > MAX_CLAUSES) {
    return { table: passTable(), prefixes: new Map(), suffixes: new Map() };
  }
  const encoder = new TypeEncoder(type);
  for (const clause of filter.clauses) encoder.add(clause);
  return encoder.finish();
}

function keyBytes(size: number, head: (view: DataView) => void, text: string, at: number): Uint8Array {
  const bytes = new Uint8Array(size);
  head(new DataView(bytes.buffer));
  bytes.set(Buffer.from(text, "latin1"), at);
  return bytes;
}

/** The kernel's `struct prefix_key`. */
export function prefixKey(set: number, text: string): Uint8Array {
  const head = (view: DataView): void => {
    view.setUint32(0, (text.length + 1) * 8, true);
    view.setUint8(4, set);
  };
  return keyBytes(260, head, text, 5);
}

/** The kernel's `struct suffix_key`. */
export function suffixKey(set: number, text: string): Uint8Array {
  const head = (view: DataView): void => {
    view.setUint32(0, set, true);
    view.setUint32(4, text.length, true);
  };
  return keyBytes(64, head, text, 8);
}
