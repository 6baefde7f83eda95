import type { Alert, FieldScalar, FieldValue } from "@falco-efk/event";
import { formatIsoTime } from "./time.ts";

/** Falco's `json_include_…_property` settings. */
export interface JsonOptions {
  readonly includeOutput: boolean;
  readonly includeMessage: boolean;
  readonly includeOutputFields: boolean;
  readonly includeTags: boolean;
}

/** What Falco includes by default: all but `message`. */
export const DEFAULT_JSON_OPTIONS: JsonOptions = {
  includeOutput: true,
  includeMessage: false,
  includeOutputFields: true,
  includeTags: true,
};

/**
 * Writes an alert as Falco's JSON line, without the line break: keys sorted, `time` with nine decimals, integers with all
 * their digits, null for a missing value, U+FFFD for what is no text.
 */
export function formatJson(alert: Alert, options: JsonOptions = DEFAULT_JSON_OPTIONS): string {
  let line = `{"hostname":${quote(alert.hostname)}`;
  if (options.includeMessage) line += `,"message":${quote(alert.message)}`;
  if (options.includeOutput) line += `,"output":${quote(alert.output)}`;
  if (options.includeOutputFields) line += `,"output_fields":${formatFields(alert.outputFields)}`;
  line += `,"priority":${quote(alert.priority)},"rule":${quote(alert.rule)},"source":${quote(alert.source)}`;
  if (options.includeTags) line += `,"tags":[${alert.tags.map(quote).join(",")}]`;
  return `${line},"time":"${formatIsoTime(alert.time)}"}`;
}

/** Writes an alert as Falco's text line, without the line break; control characters and quotes are escaped as in JSON. */
export function formatText(alert: Alert): string {
  return quote(alert.output).slice(1, -1);
}

function formatFields(fields: ReadonlyMap<string, FieldValue>): string {
  const names = [...fields.keys()].sort();
  return `{${names.map((name) => `${quote(name)}:${formatValue(fields.get(name) ?? null)}`).join(",")}}`;
}

function formatValue(value: FieldValue): string {
  if (Array.isArray(value)) return `[${(value as readonly FieldScalar[]).map(formatValue).join(",")}]`;
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  return String(value);
}

function quote(text: string): string {
  return JSON.stringify(text.isWellFormed() ? text : text.toWellFormed());
}
