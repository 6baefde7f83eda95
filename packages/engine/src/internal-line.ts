import { type Alert, type FieldValue, type Priority, severityOf } from "@falco-efk/event";
import { formatClockTime, formatJson } from "@falco-efk/rules";
import type { AlertLine } from "./outputs/output.ts";

/** A message of the engine itself that goes where alerts go. */
export interface InternalMessage {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly priority: Priority;
  readonly rule: string;
  readonly message: string;
  readonly fields: ReadonlyMap<string, FieldValue>;
}

/** The line of such a message in Falco's form: source `internal`, no tags, the fields in brackets behind a text. */
export function internalLine(message: InternalMessage, hostname: string, json: boolean): AlertLine {
  const severity = severityOf(message.priority);
  if (json) {
    const alert: Alert = {
      time: message.time,
      rule: message.rule,
      priority: message.priority,
      source: "internal",
      tags: [],
      hostname,
      output: message.message,
      message: message.message,
      outputFields: message.fields,
    };
    const include = { includeOutput: true, includeMessage: false, includeOutputFields: true, includeTags: false };
    return { text: formatJson(alert, include), severity };
  }
  const pairs = [...message.fields.keys()]
    .sort()
    .map((name) => `${name}=${fieldText(message.fields.get(name) ?? null)}`);
  const text = `${formatClockTime(message.time)}: ${message.priority} ${message.message} (${pairs.join(" ")})`;
  return { text, severity };
}

function fieldText(value: FieldValue): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
