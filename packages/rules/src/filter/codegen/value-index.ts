import type { FieldValue } from "@falco-efk/event";

/** A bit for each rule of an event type, by groups: which of them a value leaves possible. */
export type RuleBits = Int32Array;

/** Tells from one field's value which rules can still match. */
export interface ValueIndex {
  find(value: FieldValue): RuleBits;
}

/** A rule's place in the bits and what its cover asks for. */
export interface IndexEntry {
  readonly group: number;
  readonly bit: number;
  readonly values: readonly (string | number | bigint)[];
  readonly prefixes: readonly string[];
}

interface PrefixNode {
  /** What the branch adds to the text of its parent. */
  label: string;
  bits: RuleBits;
  children: Map<number, PrefixNode>;
}

/** Builds the index of one field over `groups` groups of rules. */
export function buildValueIndex(entries: readonly IndexEntry[], groups: number): ValueIndex {
  const none = new Int32Array(groups);
  const all = new Int32Array(groups);
  const root: PrefixNode = { label: "", bits: new Int32Array(groups), children: new Map() };
  const exact = new Map<unknown, RuleBits>();
  for (const entry of entries) {
    mark(all, entry);
    for (const prefix of entry.prefixes) mark(insert(root, prefix, groups).bits, entry);
    for (const value of entry.values) {
      let bits = exact.get(value);
      if (bits === undefined) {
        bits = new Int32Array(groups);
        exact.set(value, bits);
      }
      mark(bits, entry);
    }
  }
  inherit(root, none);
  for (const [value, bits] of exact) if (typeof value === "string") add(bits, search(root, value));
  const prefixed = root.children.size > 0;
  return {
    find: (value) => {
      if (value === null) return none;
      if (typeof value === "string") return exact.get(value) ?? (prefixed ? search(root, value) : none);
      if (typeof value === "number" || typeof value === "bigint") return exact.get(value) ?? none;
      // Several values, or something no cover speaks of: every rule is to decide for itself.
      return all;
    },
  };
}

function mark(bits: RuleBits, { group, bit }: IndexEntry): void {
  bits[group] = (bits[group] as number) | (1 << bit);
}

function add(bits: RuleBits, more: RuleBits): void {
  more.forEach((word, group) => {
    bits[group] = (bits[group] as number) | word;
  });
}

/** A text that has a prefix has the shorter ones too. */
function inherit(node: PrefixNode, above: RuleBits): void {
  add(node.bits, above);
  for (const child of node.children.values()) inherit(child, node.bits);
}

function search(root: PrefixNode, text: string): RuleBits {
  let node = root;
  let at = 0;
  for (;;) {
    const next = node.children.get(text.charCodeAt(at));
    if (next === undefined || !text.startsWith(next.label, at)) return node.bits;
    at += next.label.length;
    node = next;
  }
}

/** The node of a prefix, made where there is none. */
function insert(root: PrefixNode, prefix: string, groups: number): PrefixNode {
  let node = root;
  let rest = prefix;
  while (rest !== "") {
    const first = rest.charCodeAt(0);
    const child = node.children.get(first);
    if (child === undefined) {
      const leaf = { label: rest, bits: new Int32Array(groups), children: new Map() };
      node.children.set(first, leaf);
      return leaf;
    }
    const shared = sharedLength(child.label, rest);
    if (shared < child.label.length) split(node, child, shared, groups);
    node = node.children.get(first) as PrefixNode;
    rest = rest.slice(shared);
  }
  return node;
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}

/** Puts a node between a parent and its child, with the first `length` characters of the child's label. */
function split(parent: PrefixNode, child: PrefixNode, length: number, groups: number): void {
  const label = child.label.slice(0, length);
  const middle: PrefixNode = { label, bits: new Int32Array(groups), children: new Map() };
  parent.children.set(label.charCodeAt(0), middle);
  child.label = child.label.slice(length);
  middle.children.set(child.label.charCodeAt(0), child);
}
