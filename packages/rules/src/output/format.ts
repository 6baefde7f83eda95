import { type FieldResolver, type FieldValue, integerValue } from "@falco-efk/event";
import type { OperandExpr } from "../filter/ast.ts";
import { type FieldSource, type Source, visitFields } from "../filter/node.ts";
import { parseOperandPrefix } from "../filter/parser.ts";
import { readSource, resolveOperand } from "../filter/sources.ts";
import { DEFAULT_DISPLAY, type DisplayOptions, displayJson, displayText } from "./display.ts";

/** A compiled output text. */
export interface OutputFormat<E> {
  /** The text as written. */
  readonly text: string;
  /** Names of the fields with their arguments, in order of appearance, each once. */
  readonly fieldNames: readonly string[];
  /** The text with the event's values in place; `<NA>` where one is missing. */
  render(event: E, options?: DisplayOptions): string;
  /** True when the text is to be shown for this event: it begins with `*`, or no value is missing. */
  complete(event: E): boolean;
  /** How the values that JSON shows are read, by field name; of a transformed value the fields within it. */
  readonly readers: ReadonlyMap<string, ValueReader<E>>;
  /** All those values. */
  values(event: E, time: bigint, options?: DisplayOptions): Map<string, FieldValue>;
}

/** Reads a value as JSON shows it. `time` (nanoseconds since the epoch) is what time fields such as `evt.time` show. */
export type ValueReader<E> = (event: E, time: bigint, options: DisplayOptions) => FieldValue;

/** Why an output text does not compile; `index` counts characters into the text. */
export interface OutputError {
  readonly error: string;
  readonly index: number;
  /** True where a field does not exist. */
  readonly unknown: boolean;
}

interface Token<E> {
  readonly source: Source<E>;
  readonly width: number;
}

const TIME_FIELDS = new Set(["evt.time", "evt.time.s", "evt.time.iso8601", "evt.datetime", "evt.datetime.s"]);

/**
 * Compiles an output text: `%field`, `%field[argument]`, `%transformer(field)`, `%20field` (cut or filled to 20 columns).
 * A name is taken as long as it is a known field: `%proc.nameX` is `%proc.name` and an X.
 */
export function compileOutput<E>(text: string, resolver: FieldResolver<E>): OutputFormat<E> | OutputError {
  if (text.length === 0) return { error: "the output is empty", index: 0, unknown: false };
  const tokens: (string | Token<E>)[] = [];
  let start = text.startsWith("*") ? 1 : 0;
  for (;;) {
    const percent = text.indexOf("%", start);
    if (percent < 0) break;
    if (percent > start) tokens.push(text.slice(start, percent));
    const digits = /^[0-9]*/.exec(text.slice(percent + 1, percent + 12))?.[0] ?? "";
    const at = percent + 1 + digits.length;
    if (at >= text.length) return { error: "the output ends in the middle of a field", index: percent, unknown: false };
    const taken = takeOperand(text.slice(at), resolver);
    if ("error" in taken) return { ...taken, index: percent };
    tokens.push({ source: taken.source, width: Math.min(Number(digits), 4096) });
    start = at + taken.length;
  }
  if (start < text.length) tokens.push(text.slice(start));
  return outputFormat(text, tokens);
}

function outputFormat<E>(text: string, tokens: readonly (string | Token<E>)[]): OutputFormat<E> {
  const readers = new Map<string, ValueReader<E>>();
  for (const token of tokens) {
    if (typeof token === "string") continue;
    visitFields(token.source, (field) => readers.set(field.key, valueReader(field)));
  }
  const lenient = text.startsWith("*");
  return {
    text,
    fieldNames: [...readers.keys()],
    render: (event, options = DEFAULT_DISPLAY) => {
      let out = "";
      for (const token of tokens) out += typeof token === "string" ? token : renderToken(token, event, options);
      return out;
    },
    complete: (event) =>
      lenient || tokens.every((token) => typeof token === "string" || readShown(token.source, event, "text") !== null),
    readers,
    values: (event, time, options = DEFAULT_DISPLAY) => {
      const values = new Map<string, FieldValue>();
      for (const [name, read] of readers) values.set(name, read(event, time, options));
      return values;
    },
  };
}

function valueReader<E>(field: FieldSource<E>): ValueReader<E> {
  if (TIME_FIELDS.has(field.key))
    return (_event, time, options) => displayJson(integerValue(time), field.type, options);
  return (event, _time, options) => displayJson(readShown(field, event, "json", options), field.type, options);
}

function renderToken<E>(token: Token<E>, event: E, options: DisplayOptions): string {
  const value = readShown(token.source, event, "text", options);
  const text = displayText(value, token.source.type, options) ?? "<NA>";
  return token.width === 0 ? text : text.padEnd(token.width, " ").slice(0, token.width);
}

/** What a field shows, which may differ from what a condition compares. A transformer takes the compared value. */
function readShown<E>(
  source: Source<E>,
  event: E,
  way: "text" | "json",
  options: DisplayOptions = DEFAULT_DISPLAY,
): FieldValue {
  if (source.kind !== "field") return readSource(source, event);
  const { extract, print, json } = source.access;
  // Base64 is made of the bytes, not of their text.
  if (source.type === "BYTEBUF" && options.bufferBase64) return extract(event);
  const shown = way === "json" ? (json ?? print) : print;
  return (shown ?? extract)(event);
}

type Taken<E> =
  | { readonly source: Source<E>; readonly length: number }
  | { readonly error: string; readonly unknown: boolean };

function takeOperand<E>(text: string, resolver: FieldResolver<E>): Taken<E> {
  let first: Taken<E> | null = null;
  // Each turn shortens the text by what a reader could have meant as plain text behind the field.
  for (let rest = text; rest.length > 0; ) {
    const parsed = parseOperandPrefix(rest);
    if (parsed.ok) {
      const { operand, length } = parsed.value;
      const resolved = resolveOperand(operand, resolver);
      if (!("error" in resolved)) return { source: resolved.source, length };
      const { error, unknown, refused } = resolved;
      // The name is a field's, though one that can't be filled: it is no shorter field with text behind it.
      if (refused === true) return { error, unknown };
      first ??= { error, unknown };
      rest = shorten(rest, operand, length);
    } else {
      first ??= { error: parsed.message, unknown: false };
      const bracket = rest.lastIndexOf("[");
      rest = bracket > 0 ? rest.slice(0, bracket) : "";
    }
  }
  return first ?? { error: "a field's name is expected behind %", unknown: false };
}

function shorten(text: string, operand: OperandExpr, length: number): string {
  if (operand.kind === "field" && operand.argument !== null) return text.slice(0, operand.name.length);
  return operand.kind === "field" ? text.slice(0, length - 1) : "";
}
