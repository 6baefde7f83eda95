import type { DynamicTemplate, FieldMapping, Mappings } from "@falco-efk/elastic";
import { ElasticError, illegalArgument } from "../errors.ts";
import { type Field, makeFields } from "./field.ts";

/** An object of the mapping. Under `subobjects: false` its children are whole dotted names. */
export interface ObjectNode {
  readonly kind: "object";
  readonly path: string;
  readonly subobjects: boolean;
  readonly dynamic: "true" | "false" | "strict";
  readonly enabled: boolean;
  readonly depth: number;
  readonly children: Map<string, MappingNode>;
  /** Dotted keys that were resolved once. */
  readonly resolved: Map<string, MappingNode>;
}

/** A leaf of the mapping: its fields, and one of them for each column that a value goes to. */
export interface LeafNode {
  readonly kind: "leaf";
  readonly fields: readonly Field[];
  readonly targets: readonly Field[];
}

export type MappingNode = ObjectNode | LeafNode;

const MAX_FIELDS = 1000;
const MAX_DEPTH = 20;

/** The mapping of one index: what is declared, and what documents added to it. */
export class IndexMapping {
  readonly root: ObjectNode;
  readonly fields: Map<string, Field> = new Map();
  readonly templates: readonly DynamicTemplate[];
  readonly detectDates: boolean;
  readonly #options: Mappings;
  readonly #ignoreMalformed: boolean;
  readonly #maxFields: number;
  /** Counts changes, so that others know when to write or compile anew. */
  version: number = 0;

  constructor(mappings: Mappings, settings: { readonly ignoreMalformed?: boolean; readonly maxFields?: number } = {}) {
    const { properties, ...options } = mappings;
    this.#options = options;
    this.#ignoreMalformed = settings.ignoreMalformed ?? false;
    this.#maxFields = settings.maxFields ?? MAX_FIELDS;
    this.templates = mappings.dynamic_templates ?? [];
    this.detectDates = mappings.date_detection !== false;
    this.root = makeObject("", mappings, "true", 0);
    this.#addProperties(this.root, properties ?? {});
  }

  /** Adds what is new. Throws `illegal_argument_exception` when a field would change its type. */
  merge(mappings: Mappings): void {
    // A trial on a copy first, so that a refused change leaves nothing behind.
    new IndexMapping(this.toJson(), { maxFields: this.#maxFields }).#addProperties(null, mappings.properties ?? {});
    this.#addProperties(this.root, mappings.properties ?? {});
  }

  /** The node for a document's key under an object; null when the mapping has none yet. */
  resolve(object: ObjectNode, key: string): MappingNode | null {
    const known = object.children.get(key) ?? object.resolved.get(key);
    if (known) {
      return known;
    }
    if (!object.subobjects || !key.includes(".")) {
      return null;
    }
    const dot = key.indexOf(".");
    const head = object.children.get(key.slice(0, dot));
    if (!head) {
      return null;
    }
    if (head.kind === "leaf") {
      throw objectConflict(joinPath(object.path, key), key.slice(dot + 1));
    }
    const found = this.resolve(head, key.slice(dot + 1));
    if (found) {
      object.resolved.set(key, found);
    }
    return found;
  }

  /** Adds one field under an object, making the objects that a dotted key passes through. */
  add(object: ObjectNode, key: string, mapping: FieldMapping): MappingNode {
    if (object.subobjects && key.includes(".")) {
      const dot = key.indexOf(".");
      const head = key.slice(0, dot);
      const existing = object.children.get(head) ?? this.add(object, head, { type: "object" });
      if (existing.kind === "leaf") {
        throw objectConflict(joinPath(object.path, key), key.slice(dot + 1));
      }
      return this.add(existing, key.slice(dot + 1), mapping);
    }
    const path = joinPath(object.path, key);
    const existing = object.children.get(key);
    if (mapping.properties !== undefined || mapping.type === "object" || mapping.type === undefined) {
      return this.#addObject(object, key, path, mapping, existing);
    }
    const fields = makeFields(path, mapping, this.#ignoreMalformed);
    if (!fields) {
      const type = [mapping, ...Object.values(mapping.fields ?? {})].map((m) => m.type ?? "");
      throw new ElasticError(
        400,
        "mapper_parsing_exception",
        `No handler for type [${type.join(", ")}] declared on field [${key}]: not supported by the embedded store`,
      );
    }
    if (existing?.kind === "object") {
      throw illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`);
    }
    if (existing && existing.fields[0]?.typeName !== fields[0]?.typeName) {
      throw illegalArgument(
        `mapper [${path}] cannot be changed from type [${existing.fields[0]?.typeName}] to [${fields[0]?.typeName}]`,
      );
    }
    if (existing) {
      const kept = existing.fields.filter((old) => !fields.some((field) => field.path === old.path));
      fields.push(...kept);
    } else if (this.fields.size + fields.length > this.#maxFields) {
      throw illegalArgument(`Limit of total fields [${this.#maxFields}] has been exceeded`);
    }
    const targets = fields.filter((field, at) => fields.findIndex((other) => other.column === field.column) === at);
    const leaf: LeafNode = { kind: "leaf", fields, targets };
    object.children.set(key, leaf);
    for (const field of fields) {
      this.fields.set(field.path, field);
    }
    this.#forgetResolved(this.root);
    this.version += 1;
    return leaf;
  }

  /** The mapping in Elasticsearch's form. */
  toJson(): Mappings {
    const properties = printChildren(this.root);
    return { ...this.#options, ...(Object.keys(properties).length > 0 ? { properties } : {}) };
  }

  #addObject(
    object: ObjectNode,
    key: string,
    path: string,
    mapping: FieldMapping,
    existing: MappingNode | undefined,
  ): ObjectNode {
    if (existing?.kind === "leaf") {
      throw illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`);
    }
    if (object.depth >= MAX_DEPTH) {
      throw illegalArgument(`Limit of mapping depth [${MAX_DEPTH}] has been exceeded due to object field [${path}]`);
    }
    let node = existing;
    if (!node) {
      node = makeObject(path, mapping, object.dynamic, object.depth + 1);
      object.children.set(key, node);
      this.version += 1;
    }
    this.#addProperties(node, mapping.properties ?? {});
    return node;
  }

  #addProperties(object: ObjectNode | null, properties: Readonly<Record<string, FieldMapping>>): void {
    for (const [key, mapping] of Object.entries(properties)) {
      if (typeof mapping !== "object" || mapping === null) {
        throw new ElasticError(400, "mapper_parsing_exception", `Expected map for property [${key}]`);
      }
      this.add(object ?? this.root, key, mapping);
    }
  }

  #forgetResolved(object: ObjectNode): void {
    object.resolved.clear();
    for (const child of object.children.values()) {
      if (child.kind === "object") {
        this.#forgetResolved(child);
      }
    }
  }
}

/** The error for a value that is a scalar here and an object there. */
export function objectConflict(path: string, field: string): ElasticError {
  return new ElasticError(
    400,
    "document_parsing_exception",
    `object mapping for [${path}] tried to parse field [${field}] as object, but found a concrete value`,
  );
}

function joinPath(parent: string, key: string): string {
  return parent === "" ? key : `${parent}.${key}`;
}

function makeObject(
  path: string,
  mapping: FieldMapping | Mappings,
  inherited: ObjectNode["dynamic"],
  depth: number,
): ObjectNode {
  const dynamic = mapping.dynamic === undefined ? inherited : String(mapping.dynamic);
  return {
    kind: "object",
    path,
    subobjects: mapping.subobjects !== false,
    dynamic: dynamic === "strict" || dynamic === "false" ? dynamic : "true",
    enabled: (mapping as { enabled?: unknown }).enabled !== false,
    depth,
    children: new Map(),
    resolved: new Map(),
  };
}

function printChildren(object: ObjectNode): Record<string, FieldMapping> {
  const printed: Record<string, FieldMapping> = {};
  for (const key of [...object.children.keys()].sort()) {
    const child = object.children.get(key) as MappingNode;
    if (child.kind === "leaf") {
      const [main, ...subs] = child.fields as readonly [Field, ...Field[]];
      const fields = Object.fromEntries(subs.map((sub) => [sub.path.slice(main.path.length + 1), sub.mapping]));
      printed[key] = subs.length > 0 ? { ...main.mapping, fields } : main.mapping;
      continue;
    }
    const properties = printChildren(child);
    printed[key] = {
      ...(Object.keys(properties).length === 0 ? { type: "object" } : {}),
      ...(child.enabled ? {} : { enabled: false }),
      ...(child.subobjects ? {} : { subobjects: false }),
      ...(child.dynamic === object.dynamic ? {} : { dynamic: child.dynamic }),
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
    };
  }
  return printed;
}
