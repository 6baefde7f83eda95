import { type Alert, type FieldValue, integerValue } from "@falco-efk/event";
import type { Rule } from "../ruleset.ts";
import type { DisplayOptions } from "./display.ts";
import { formatClockTime, formatIsoOffsetTime } from "./time.ts";

/** The settings that shape an alert's values and its text. */
export interface AlertOptions {
  readonly hostname: string;
  /** `time_format_iso_8601`. */
  readonly isoTime: boolean;
  /** `buffer_format_base64`. */
  readonly bufferBase64: boolean;
}

/**
 * Makes the alert of a rule's match.
 *
 * @param time the event's, in nanoseconds since the epoch
 */
export function createAlert<E>(rule: Rule<E>, event: E, time: bigint, options: AlertOptions): Alert {
  const display: DisplayOptions = options;
  const message = rule.output.render(event, display);
  const clock = options.isoTime ? formatIsoOffsetTime(time) : formatClockTime(time);
  const outputFields: Map<string, FieldValue> = rule.output.values(event, time, display);
  outputFields.set(options.isoTime ? "evt.time.iso8601" : "evt.time", integerValue(time));
  for (const { name, raw, format } of rule.extraFields) {
    const value = raw ? format.values(event, time, display).get(name) : format.render(event, display);
    outputFields.set(name, value ?? null);
  }
  return {
    time,
    rule: rule.name,
    priority: rule.priority,
    source: rule.source,
    tags: rule.tags,
    hostname: options.hostname,
    output: `${clock}: ${rule.priority} ${message}`,
    message,
    outputFields,
  };
}
