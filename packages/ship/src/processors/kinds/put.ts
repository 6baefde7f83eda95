import { randomUUID } from "node:crypto";
import { copyValue, type EventObject, getField, setField } from "../event.ts";
import { change, type Processor, type ProcessorKind } from "../processor.ts";
import type { Settings } from "../settings.ts";

/** Puts fixed values under `target`, or at the top when it's empty. */
export function putObject(target: string, fields: EventObject): Processor {
  const entries = Object.entries(fields).map(
    ([key, value]) => [target === "" ? key : `${target}.${key}`, value] as const,
  );
  return change((event) => {
    for (const [path, value] of entries) setField(event, path, copyValue(value));
  });
}

export const addFields: ProcessorKind = (settings) =>
  putObject(settings.text("target", "fields"), settings.object("fields"));

export const addLabels: ProcessorKind = (settings) => putObject("labels", settings.object("labels"));

/** Adds tags to those that are there; none stands twice. */
export const addTags: ProcessorKind = (settings) => {
  const target = settings.text("target", "tags");
  const tags = settings.texts("tags");
  return change((event) => appendTo(event, target, tags));
};

/** Adds texts to the list at `target`; a single value there becomes a list. */
export function appendTo(event: EventObject, target: string, texts: readonly string[]): void {
  const there = getField(event, target);
  const before = Array.isArray(there) ? there : there === undefined || there === null ? [] : [there];
  setField(event, target, [...before, ...texts.filter((text) => !before.includes(text))]);
}

/** The machine's zone as `+02:00`, or by its short name. */
export const addLocale: ProcessorKind = (settings, context) => {
  const format = settings.choice("format", ["offset", "abbreviation"] as const, "offset");
  return change((event) => setField(event, "event.timezone", timeZone(new Date(context.now()), format)));
};

function timeZone(now: Date, format: "offset" | "abbreviation"): string {
  if (format === "abbreviation") {
    const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(now);
    return parts.find(({ type }) => type === "timeZoneName")?.value ?? "UTC";
  }
  const minutes = -now.getTimezoneOffset();
  const sign = minutes < 0 ? "-" : "+";
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** A random id. The document's own id is never taken from it: that one has to be the same when a record is sent again. */
export const addId: ProcessorKind = (settings: Settings) => {
  const target = settings.text("target_field", "event.id");
  settings.choice("type", ["elasticsearch"] as const, "elasticsearch");
  return change((event) => setField(event, target, randomUUID()));
};
