import { copyValue, dropField, type EventObject, getField, setField } from "../event.ts";
import { compileGoRegExp } from "../go-regexp.ts";
import { change, failed, type Processor, type ProcessorContext, type ProcessorKind } from "../processor.ts";
import type { Settings } from "../settings.ts";
import { runSteps } from "./steps.ts";

export const dropEvent: ProcessorKind = () => () => null;

/** Takes fields out, by name or by `/expression/` over the names at the top. An event never loses its `@timestamp`. */
export const dropFields: ProcessorKind = (settings, context) => {
  const fields = settings.texts("fields").filter((field) => field !== "@timestamp");
  const ignoreMissing = settings.flag("ignore_missing", false);
  const names = fields.filter((field) => !isExpression(field));
  const expressions = fields
    .filter(isExpression)
    .map((field) => compileGoRegExp(field.slice(1, -1), "", [...settings.path, "fields"]));
  return change((event) => {
    for (const name of names) {
      if (!dropField(event, name) && !ignoreMissing) failed(context, settings.name, `there is no field ${name}`);
    }
    if (expressions.length === 0) return;
    for (const key of Object.keys(event)) {
      if (key !== "@timestamp" && expressions.some((expression) => expression.test(key))) delete event[key];
    }
  });
};

function isExpression(field: string): boolean {
  return field.length > 2 && field.startsWith("/") && field.endsWith("/");
}

export const includeFields: ProcessorKind = (settings) => {
  const fields = settings.texts("fields");
  return (event) => {
    const kept: EventObject = {};
    // Without its time an event would lose its day.
    for (const field of ["@timestamp", "time", ...fields]) {
      const value = getField(event, field);
      if (value !== undefined) setField(kept, field, value);
    }
    return kept;
  };
};

export const rename: ProcessorKind = (settings, context) =>
  eachPair(settings, context, (event, from, to, value) => {
    dropField(event, from);
    setField(event, to, value);
  });

export const copyFields: ProcessorKind = (settings, context) =>
  eachPair(settings, context, (event, _from, to, value) => setField(event, to, copyValue(value)));

function eachPair(
  settings: Settings,
  context: ProcessorContext,
  act: (event: EventObject, from: string, to: string, value: unknown) => void,
): Processor {
  const ignoreMissing = settings.flag("ignore_missing", false);
  const steps = settings.list("fields").map((pair) => {
    const from = pair.text("from");
    const to = pair.text("to");
    pair.finish();
    return (event: EventObject): string | null => {
      const value = getField(event, from);
      if (value === undefined) return ignoreMissing ? null : `there is no field ${from}`;
      if (getField(event, to) !== undefined) return `there is a field ${to} already`;
      act(event, from, to, value);
      return null;
    };
  });
  return runSteps(settings, context, steps);
}
