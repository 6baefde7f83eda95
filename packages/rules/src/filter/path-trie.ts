import { compileGlob, type Glob } from "./glob.ts";

/** A set of paths, each of which matches itself and all below it; a component may be a shell pattern. */
export interface PathTrie {
  test(path: string): boolean;
}

interface TrieNode {
  terminal: boolean;
  readonly children: Map<string, TrieNode>;
  readonly patterns: { readonly glob: Glob; readonly node: TrieNode }[];
}

function newNode(): TrieNode {
  return { terminal: false, children: new Map(), patterns: [] };
}

/** Builds the set. Empty components don't count: `//etc/` is `/etc`, and so is `etc`. */
export function buildPathTrie(paths: readonly string[]): PathTrie {
  const root = newNode();
  for (const path of paths) insert(root, path);
  return { test: (path) => search(root, path, 0) };
}

function insert(root: TrieNode, path: string): void {
  let node = root;
  for (const component of path.split("/")) {
    if (component === "") continue;
    // What a shorter path of the set matches already needs no more of this one.
    if (node.terminal) return;
    node = child(node, component);
  }
  node.terminal = true;
}

function child(node: TrieNode, component: string): TrieNode {
  if (!/[?*[]/.test(component)) {
    let next = node.children.get(component);
    if (next === undefined) {
      next = newNode();
      node.children.set(component, next);
    }
    return next;
  }
  const known = node.patterns.find((entry) => entry.glob.pattern === component);
  if (known !== undefined) return known.node;
  const entry = { glob: compileGlob(component), node: newNode() };
  node.patterns.push(entry);
  return entry.node;
}

function search(root: TrieNode, path: string, from: number): boolean {
  let node = root;
  let start = from;
  for (;;) {
    if (node.terminal) return true;
    while (path.charCodeAt(start) === 0x2f) start++;
    if (start >= path.length) return false;
    let end = path.indexOf("/", start);
    if (end < 0) end = path.length;
    const component = path.slice(start, end);
    for (const { glob, node: below } of node.patterns) {
      if (glob.test(component) && search(below, path, end)) return true;
    }
    const next = node.children.get(component);
    if (next === undefined) return false;
    node = next;
    start = end;
  }
}
