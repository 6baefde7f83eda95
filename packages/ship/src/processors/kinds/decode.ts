import { hash } from "node:crypto";
import { asText, type EventObject, getField, isObject, parseEvent, setField } from "../event.ts";
import { failed, type ProcessorKind } from "../processor.ts";

/**
 * Parses fields that hold JSON. The value takes the text's place, or goes to `target`; an empty target is the event's top,
 * where what is there already stays unless `overwrite_keys` is set.
 */
export const decodeJsonFields: ProcessorKind = (settings, context) => {
  const fields = settings.texts("fields");
  const target = settings.has("target") ? settings.text("target") : null;
  const overwrite = settings.flag("overwrite_keys", false);
  const arrays = settings.flag("process_array", false);
  const depth = settings.number("max_depth", 1);
  const markError = settings.flag("add_error_key", false);
  settings.ignore("document_id", "expand_keys");
  return (event) => {
    for (const field of fields) {
      const text = getField(event, field);
      if (typeof text !== "string") continue;
      const decoded = decode(text, depth, arrays);
      if (decoded === undefined) {
        failed(context, settings.name, `${field} is not JSON`);
        if (markError) setField(event, "error", { message: `${field} is not JSON`, type: "json" });
      } else if (target !== "") setField(event, target ?? field, decoded);
      else if (isObject(decoded)) merge(event, decoded, overwrite);
      else failed(context, settings.name, `${field} is not a JSON object`);
    }
    return event;
  };
};

function merge(event: EventObject, decoded: EventObject, overwrite: boolean): void {
  for (const [key, value] of Object.entries(decoded)) {
    if (overwrite || !Object.hasOwn(event, key)) setField(event, key, value);
  }
}

/** Texts within that are JSON objects themselves are parsed down to `depth`. */
function decode(text: string, depth: number, arrays: boolean): unknown {
  let value: unknown;
  try {
    value = parseEvent(text);
  } catch {
    return undefined;
  }
  return depth > 1 ? decodeInner(value, depth - 1, arrays) : value;
}

function decodeInner(value: unknown, depth: number, arrays: boolean): unknown {
  if (typeof value === "string") return /^\s*\{/.test(value) ? (decode(value, depth, arrays) ?? value) : value;
  if (Array.isArray(value)) return arrays ? value.map((item) => decodeInner(item, depth, arrays)) : value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decodeInner(item, depth, arrays)]));
}

const METHODS = ["sha256", "sha1", "md5", "sha384", "sha512"] as const;

/** A hash over fields, in the order of their names. */
export const fingerprint: ProcessorKind = (settings, context) => {
  const fields = settings.texts("fields").toSorted();
  const target = settings.text("target_field", "fingerprint");
  const method = settings.choice("method", METHODS, "sha256");
  const encoding = settings.choice("encoding", ["hex", "base64", "base32"] as const, "hex");
  const ignoreMissing = settings.flag("ignore_missing", false);
  return (event) => {
    let text = "";
    for (const field of fields) {
      const value = getField(event, field);
      if (value === undefined && ignoreMissing) continue;
      const part = asText(value);
      if (part === null) {
        failed(
          context,
          settings.name,
          value === undefined ? `there is no field ${field}` : `${field} is not a single value`,
        );
        return event;
      }
      text += `|${field}|${part}`;
    }
    const digest = hash(method, `${text}|`, "buffer");
    setField(event, target, encoding === "base32" ? base32(digest) : digest.toString(encoding));
    return event;
  };
};

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  let text = "";
  for (let at = 0; at < bits.length; at += 5) text += BASE32[Number.parseInt(bits.slice(at, at + 5).padEnd(5, "0"), 2)];
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}
