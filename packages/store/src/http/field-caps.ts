import type { StoredIndex } from "../indices/stored-index.ts";
import { wildcardPattern } from "../text/wildcard.ts";

interface Capability {
  readonly type: string;
  readonly metadata_field: boolean;
  readonly searchable: boolean;
  readonly aggregatable: boolean;
  indices?: string[];
}

/** What can be done with the fields of some indices, as `_field_caps` says it. */
export function fieldCaps(indices: readonly StoredIndex[], patterns: readonly string[]): Record<string, unknown> {
  const tests = patterns.map((pattern) => wildcardPattern(pattern).matches);
  const fields: Record<string, Record<string, Capability>> = {};
  const where = new Map<string, Map<string, string[]>>();
  for (const index of indices) {
    for (const [path, type, searchable, aggregatable, meta] of capabilities(index)) {
      if (!tests.some((test) => test(path))) {
        continue;
      }
      fields[path] ??= {};
      fields[path][type] ??= { type, metadata_field: meta, searchable, aggregatable };
      const types = where.get(path) ?? new Map<string, string[]>();
      types.set(type, [...(types.get(type) ?? []), index.name]);
      where.set(path, types);
    }
  }
  for (const [path, types] of where) {
    for (const [type, names] of types.size > 1 ? types : []) {
      const capability = fields[path]?.[type];
      if (capability) {
        capability.indices = names;
      }
    }
  }
  return { indices: indices.map((index) => index.name), fields };
}

function* capabilities(index: StoredIndex): Generator<[string, string, boolean, boolean, boolean]> {
  for (const [name, type, searchable, aggregatable] of [
    ["_id", "_id", true, false],
    ["_index", "_index", true, true],
    ["_source", "_source", false, false],
  ] as const) {
    yield [name, type, searchable, aggregatable, true];
  }
  const objects = new Set<string>();
  for (const field of index.mapping.fields.values()) {
    const { typeName } = field;
    const shown = typeName === "match_only_text" ? "text" : typeName;
    yield [field.path, shown, field.mapping.index !== false, !field.type.analyzed, false];
  }
  collectObjects(index, objects);
  for (const path of objects) {
    yield [path, "object", false, false, false];
  }
}

function collectObjects(index: StoredIndex, objects: Set<string>): void {
  const stack = [index.mapping.root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.path !== "") {
      objects.add(node.path);
    }
    for (const child of node.children.values()) {
      if (child.kind === "object") {
        stack.push(child);
      }
    }
  }
}
