import { LIST_OPERATORS, MODIFIERS, OPERATORS, STRING_OPERATORS } from "../filter/ast.ts";
import { ItemError } from "./decode.ts";
import type { ExceptionEntry, ExceptionItem } from "./items.ts";
import type { Place } from "./source-file.ts";

const MODIFIED: ReadonlySet<string> = new Set(
  STRING_OPERATORS.flatMap((operator) => MODIFIERS.map((modifier) => `${operator} ${modifier}`)),
);
const LISTS: ReadonlySet<string> = new Set<string>(LIST_OPERATORS);
const KNOWN: ReadonlySet<string> = new Set<string>(OPERATORS);

const takesList = (operator: string): boolean => LISTS.has(operator) || MODIFIED.has(operator);

/**
 * Checks an exception's fields and operators and fills in the operators it leaves out: `=` for each field of a list, `in`
 * for a single field. `fieldFault` says what is wrong with a field, or null.
 */
export function validateException(
  exception: ExceptionItem,
  fieldFault: (field: string) => string | null,
): ExceptionItem {
  const { fields, place, name } = exception;
  if (fields === null) throw new ItemError(`the exception '${name}' has no 'fields'`, place);
  const comps = fields.kind === "list" ? listComps(exception, fields.items.length) : singleComp(exception);
  for (const field of texts(fields, place)) {
    const fault = fieldFault(field);
    if (fault !== null) throw new ItemError(`exception '${name}': ${fault}`, place);
  }
  return { ...exception, comps };
}

function listComps({ comps, name, place }: ExceptionItem, count: number): ExceptionEntry {
  if (comps === null) return { kind: "list", items: new Array(count).fill({ kind: "text", text: "=" }) };
  const operators = comps.kind === "list" ? texts(comps, place) : [];
  if (operators.length !== count) {
    throw new ItemError(`exception '${name}': 'fields' and 'comps' must have the same length`, place);
  }
  const wrong = operators.find((operator) => !KNOWN.has(operator) && !MODIFIED.has(operator));
  if (wrong !== undefined) throw new ItemError(`exception '${name}': '${wrong}' is no operator`, place);
  return { kind: "list", items: operators.map((text) => ({ kind: "text", text })) };
}

function singleComp({ comps, name, place }: ExceptionItem): ExceptionEntry {
  if (comps === null) return { kind: "text", text: "in" };
  if (comps.kind === "list") {
    throw new ItemError(`exception '${name}': 'fields' is one field, so 'comps' must be one operator`, place);
  }
  const operator = normalize(comps.text);
  if (!takesList(operator)) {
    const message = "with one field 'comps' is in, pmatch, intersects or an operator with oneof, anyof or allof";
    throw new ItemError(`exception '${name}': ${message}`, place);
  }
  return { kind: "text", text: operator };
}

/** Adds an appended exception to a rule's: values to the one of its name, or a new one. */
export function addExceptions(
  known: readonly ExceptionItem[],
  added: ExceptionItem,
  validate: (exception: ExceptionItem) => ExceptionItem,
): readonly ExceptionItem[] {
  const index = known.findIndex((exception) => exception.name === added.name);
  const previous = known[index];
  if (previous === undefined) {
    if (added.values.length === 0)
      throw new ItemError(`the new exception '${added.name}' has no 'values'`, added.place);
    return [...known, validate(added)];
  }
  if (added.fields !== null || added.comps !== null) {
    const message = `the exception '${added.name}' exists: only values can be appended to it, not fields or comps`;
    throw new ItemError(message, added.place);
  }
  return known.with(index, { ...previous, values: [...previous.values, ...added.values] });
}

/** The condition an exception stands for, as text, or null where it has no values: the rule is `(…) and not <this>`. */
export function exceptionCondition(exception: ExceptionItem): string | null {
  const { fields, comps, values, name, place } = exception;
  if (values.length === 0 || fields === null || comps === null) return null;
  if (fields.kind === "text" || comps.kind === "text") {
    const items = values.map(({ entry, place: at }) => {
      if (entry.kind === "list") throw new ItemError(`exception '${name}': each value must be a text`, at);
      return quoteItem(entry.text);
    });
    return `${texts(fields, place)[0]} ${texts(comps, place)[0]} (${items.join(", ")})`;
  }
  const operators = texts(comps, place);
  const names = texts(fields, place);
  return values.map(({ entry, place: at }) => `(${tupleCondition(names, operators, entry, at, name)})`).join(" or ");
}

function tupleCondition(
  fields: readonly string[],
  operators: readonly string[],
  value: ExceptionEntry,
  place: Place,
  name: string,
): string {
  if (value.kind !== "list" || value.items.length !== fields.length) {
    throw new ItemError(`exception '${name}': each entry of 'values' must hold ${fields.length} values`, place);
  }
  return value.items
    .map((item, index) => {
      const operator = operators[index] as string;
      return `${fields[index]} ${operator} ${tupleValue(item, operator)}`;
    })
    .join(" and ");
}

function tupleValue(item: ExceptionEntry, operator: string): string {
  if (item.kind === "list") {
    return `(${item.items.map((one) => (one.kind === "text" ? quoteItem(one.text) : "")).join(", ")})`;
  }
  if (!takesList(operator)) return quoteItem(item.text);
  return item.text.startsWith("(") ? item.text : `(${item.text})`;
}

/** A text with a blank in it is one value only in quotes. */
export function quoteItem(text: string): string {
  return text.includes(" ") && !/^["']/.test(text) ? `"${text}"` : text;
}

function texts(entry: ExceptionEntry, place: Place): readonly string[] {
  if (entry.kind === "text") return [normalize(entry.text)];
  return entry.items.map((item) => {
    if (item.kind === "list") throw new ItemError("a text is expected here, not a list", place);
    return normalize(item.text);
  });
}

function normalize(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
