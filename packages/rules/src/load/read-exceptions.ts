import { ItemError, requiredText, valuePlace } from "./decode.ts";
import type { ExceptionEntry, ExceptionItem } from "./items.ts";
import { type Diagnostics, type Place, placeIn } from "./source-file.ts";
import type { YamlNode } from "./yaml-items.ts";

/** Reads a rule's `exceptions`. With `append` the fields may be absent: the values then go to an exception that exists. */
export function readExceptions(
  rule: YamlNode,
  parent: Place,
  append: boolean,
  diagnostics: Diagnostics,
): readonly ExceptionItem[] | null {
  const node = rule.get("exceptions");
  if (node === null) return null;
  if (node.isNull) return [];
  const all = valuePlace(parent, "exceptions", node, "exceptions");
  if (node.items === null) throw new ItemError("'exceptions' must be a list", all);
  const names = new Set<string>();
  return node.items.map((item) => {
    const exception = readException(item, all, append, diagnostics);
    if (names.has(exception.name)) {
      const message = `the rule has more than one exception '${exception.name}'`;
      diagnostics.warning("LOAD_EXCEPTION_NAME_NOT_UNIQUE", message, exception.place);
    }
    names.add(exception.name);
    return exception;
  });
}

function readException(item: YamlNode, all: Place, append: boolean, diagnostics: Diagnostics): ExceptionItem {
  const unnamed = placeIn(all, "exception", "", item.start, item.end);
  if (!item.isMap) throw new ItemError("an exception must be a mapping with a name", unnamed);
  const name = requiredText(item, "name", unnamed).text;
  const place = placeIn(all, "exception", name, item.start, item.end);
  const fields = readEntry(item, "fields", place);
  if (fields === null && !append) throw new ItemError(`the exception '${name}' has no 'fields'`, place);
  const comps = readEntry(item, "comps", place);
  const values = readValues(item, place);
  if (values === null && append) {
    diagnostics.warning("LOAD_APPEND_NO_VALUES", `the exception '${name}' is appended without values`, place);
  }
  return { name, fields, comps, values: values ?? [], place };
}

function readValues(item: YamlNode, place: Place): ExceptionItem["values"] | null {
  const node = item.get("values");
  if (node === null) return null;
  const all = valuePlace(place, "values", node, "exception values");
  if (node.isNull) return [];
  if (node.items === null) throw new ItemError("'values' must be a list", all);
  return node.items.map((value) => {
    const at = placeIn(all, "exception value", "", value.start, value.end);
    return { entry: toEntry(value, at), place: at };
  });
}

function readEntry(item: YamlNode, key: string, parent: Place): ExceptionEntry | null {
  const node = item.get(key);
  return node === null || node.isNull ? null : toEntry(node, valuePlace(parent, key, node));
}

function toEntry(node: YamlNode, place: Place, depth = 0): ExceptionEntry {
  if (node.items !== null) {
    if (depth > 3) throw new ItemError("an exception's values nest too deeply", place);
    const items = node.items.map((entry) =>
      toEntry(entry, placeIn(place, "exception value", "", entry.start, entry.end), depth + 1),
    );
    return { kind: "list", items };
  }
  if (node.text === null) throw new ItemError("a text or a list is expected here", place);
  if (node.text === "") throw new ItemError("a value must not be empty; write '\"\"' to mean the empty text", place);
  return { kind: "text", text: node.text };
}
