import { isIP } from "node:net";
import { asText, dropField, type EventObject, getField, setField } from "../event.ts";
import { compileGoRegExp, goReplacement } from "../go-regexp.ts";
import type { ProcessorKind } from "../processor.ts";
import { appendTo } from "./put.ts";
import { runSteps } from "./steps.ts";

export const replace: ProcessorKind = (settings, context) => {
  const ignoreMissing = settings.flag("ignore_missing", false);
  const steps = settings.list("fields").map((rule) => {
    const field = rule.text("field");
    const pattern = compileGoRegExp(rule.text("pattern"), "g", [...rule.path, "pattern"]);
    const by = goReplacement(rule.text("replacement"));
    rule.finish();
    return (event: EventObject): string | null => {
      const text = getField(event, field);
      if (text === undefined) return ignoreMissing ? null : `there is no field ${field}`;
      if (typeof text !== "string") return `${field} is not a text`;
      setField(event, field, text.replace(pattern, by));
      return null;
    };
  });
  return runSteps(settings, context, steps);
};

export const convert: ProcessorKind = (settings, context) => {
  const ignoreMissing = settings.flag("ignore_missing", false);
  const mode = settings.choice("mode", ["copy", "rename"] as const, "copy");
  const steps = settings.list("fields").map((rule) => {
    const from = rule.text("from");
    const to = rule.text("to", from);
    const type = rule.choice("type", TYPES, "string");
    rule.finish();
    return (event: EventObject): string | null => {
      const text = asText(getField(event, from));
      if (text === null) {
        return getField(event, from) !== undefined || !ignoreMissing ? `${from} can't be converted to ${type}` : null;
      }
      const value = CONVERT[type](text);
      if (value === undefined) return `${from} can't be converted to ${type}`;
      if (mode === "rename" && to !== from) dropField(event, from);
      setField(event, to, value);
      return null;
    };
  });
  return runSteps(settings, context, steps);
};

const TYPES = ["string", "integer", "long", "float", "double", "boolean", "ip"] as const;

const CONVERT: Readonly<Record<(typeof TYPES)[number], (text: string) => unknown>> = {
  string: (text) => text,
  integer: (text) => wholeNumber(text, 31n),
  long: (text) => wholeNumber(text, 63n),
  float: (text) => finite(text),
  double: (text) => finite(text),
  boolean: (text) =>
    /^(?:1|t|T|true|TRUE|True)$/.test(text) ? true : /^(?:0|f|F|false|FALSE|False)$/.test(text) ? false : undefined,
  ip: (text) => (isIP(text) === 0 ? undefined : text),
};

/** A signed integer of so many bits beside its sign; `0x` is read too. */
function wholeNumber(text: string, bits: bigint): unknown {
  const [, sign, digits = ""] = /^([+-]?)(0[xX][0-9A-Fa-f]+|\d+)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const value = sign === "-" ? -BigInt(digits) : BigInt(digits);
  if (value >= 1n << bits || value < -(1n << bits)) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : JSON.rawJSON(String(value));
}

function finite(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

/** Cuts texts to a number of bytes or characters, never within a character. */
export const truncateFields: ProcessorKind = (settings, context) => {
  const ignoreMissing = settings.flag("ignore_missing", false);
  const characters = settings.number("max_characters", 0);
  const bytes = settings.number("max_bytes", 0);
  if ((characters === 0) === (bytes === 0)) throw settings.error("one of max_bytes and max_characters is expected");
  const cut =
    characters > 0 ? (text: string) => cutCharacters(text, characters) : (text: string) => cutBytes(text, bytes);
  const steps = settings.texts("fields").map((field) => (event: EventObject): string | null => {
    const text = getField(event, field);
    if (text === undefined) return ignoreMissing ? null : `there is no field ${field}`;
    if (typeof text !== "string") return `${field} is not a text`;
    const short = cut(text);
    if (short === text) return null;
    setField(event, field, short);
    appendTo(event, "log.flags", ["truncated"]);
    return null;
  });
  return runSteps(settings, context, steps);
};

function cutCharacters(text: string, limit: number): string {
  return text.length <= limit ? text : [...text].slice(0, limit).join("");
}

function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}
