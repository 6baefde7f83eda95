import { ElasticError } from "../errors.ts";
import { canonicalInteger, type Value } from "../values/value.ts";
import { convertScalar, type SourceScalar, tryConvert } from "./convert.ts";
import { defaultMapping, dynamicType, fromTemplates } from "./dynamic.ts";
import type { Field } from "./field.ts";
import {
  type IndexMapping,
  type LeafNode,
  type MappingNode,
  type ObjectNode,
  objectConflict,
} from "./index-mapping.ts";

/** What a document puts into columns: `values[i]` belongs to `fields[i].column`. An array gives its field repeatedly. */
export interface ReadDocument {
  readonly fields: Field[];
  readonly values: Value[];
}

/**
 * Reads a document's values by the mapping, extending it by what is new (dynamic mapping).
 * Throws `document_parsing_exception` for what the mapping refuses.
 */
export function readDocument(mapping: IndexMapping, text: string): ReadDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ElasticError(400, "document_parsing_exception", `failed to parse: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new ElasticError(400, "document_parsing_exception", "failed to parse: a document must be a JSON object");
  }
  const read: ReadDocument = { fields: [], values: [] };
  walkObject(mapping, mapping.root, "", parsed as Record<string, unknown>, text, read);
  return read;
}

function walkObject(
  mapping: IndexMapping,
  node: ObjectNode,
  prefix: string,
  object: Record<string, unknown>,
  text: string,
  read: ReadDocument,
): void {
  if (!node.enabled) {
    return;
  }
  for (const key in object) {
    const value = object[key];
    if (value !== null) {
      walkValue(mapping, node, prefix === "" ? key : `${prefix}.${key}`, key, value, text, read);
    }
  }
}

function walkValue(
  mapping: IndexMapping,
  node: ObjectNode,
  name: string,
  key: string,
  value: unknown,
  text: string,
  read: ReadDocument,
): void {
  if (typeof value === "object") {
    if (Array.isArray(value)) {
      for (const item of value) {
        if (item !== null) {
          walkValue(mapping, node, name, key, item, text, read);
        }
      }
      return;
    }
    walkInner(mapping, node, name, value as Record<string, unknown>, text, read);
    return;
  }
  let scalar = value as SourceScalar;
  if (typeof scalar === "number" && !Number.isSafeInteger(scalar) && Number.isInteger(scalar)) {
    scalar = exactInteger(text, key, scalar);
  }
  const found = mapping.resolve(node, name) ?? addDynamic(mapping, node, name, scalar);
  if (!found) {
    return;
  }
  if (found.kind === "object") {
    throw objectConflict(found.path, key);
  }
  pushValues(found, scalar, read);
}

function walkInner(
  mapping: IndexMapping,
  node: ObjectNode,
  name: string,
  value: Record<string, unknown>,
  text: string,
  read: ReadDocument,
): void {
  if (!node.subobjects) {
    walkObject(mapping, node, name, value, text, read);
    return;
  }
  let found = mapping.resolve(node, name);
  if (!found) {
    if (node.dynamic === "false") {
      return;
    }
    refuseStrict(node, name);
    const path = node.path === "" ? name : `${node.path}.${name}`;
    found = mapping.add(node, name, fromTemplates(mapping.templates, path, "object") ?? { type: "object" });
  }
  if (found.kind === "leaf") {
    throw new ElasticError(
      400,
      "document_parsing_exception",
      `failed to parse field [${found.fields[0]?.path}] of type [${found.fields[0]?.typeName}] in document. ` +
        "Preview of field's value: an object",
    );
  }
  walkObject(mapping, found, "", value, text, read);
}

function pushValues(leaf: LeafNode, scalar: SourceScalar, read: ReadDocument): void {
  for (const field of leaf.targets) {
    if (field.mapping.enabled === false || (field.mapping.index === false && field.mapping.doc_values === false)) {
      continue;
    }
    const value = field.ignoreMalformed ? tryConvert(field, scalar) : convertScalar(field, scalar);
    if (value !== null) {
      read.fields.push(field);
      read.values.push(value);
    }
  }
}

function addDynamic(mapping: IndexMapping, node: ObjectNode, name: string, scalar: SourceScalar): MappingNode | null {
  if (node.dynamic === "false") {
    return null;
  }
  refuseStrict(node, name);
  const type = dynamicType(scalar, mapping.detectDates);
  const path = node.path === "" ? name : `${node.path}.${name}`;
  return mapping.add(node, name, fromTemplates(mapping.templates, path, type) ?? defaultMapping(type, scalar));
}

function refuseStrict(node: ObjectNode, name: string): void {
  if (node.dynamic === "strict") {
    throw new ElasticError(
      400,
      "strict_dynamic_mapping_exception",
      `mapping set to strict, dynamic introduction of [${name}] within [${node.path || "_doc"}] is not allowed`,
    );
  }
}

/**
 * The digits of an integer that JSON.parse rounded. They are looked up behind the key in the text: a quotation mark
 * inside a JSON string is always escaped, so `"key":` can only be a key.
 */
function exactInteger(text: string, key: string, rounded: number): SourceScalar {
  const digits = /-?\d{16,}(?![\d.eE])/y;
  const quoted = JSON.stringify(key);
  for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at + 1)) {
    let from = at + quoted.length;
    while (text.charCodeAt(from) <= 32 || text[from] === ":") {
      from += 1;
    }
    digits.lastIndex = from;
    const match = text[at - 1] === "\\" ? null : digits.exec(text);
    if (match && Number(match[0]) === rounded) {
      return canonicalInteger(BigInt(match[0]));
    }
  }
  // In an array, or with an escaped key: any number of the text that rounds to the same value, else the value itself.
  for (const match of text.matchAll(/(?<=[[,:\s])-?\d{16,}(?![\d.eE"])/g)) {
    if (Number(match[0]) === rounded) {
      return canonicalInteger(BigInt(match[0]));
    }
  }
  return rounded;
}
