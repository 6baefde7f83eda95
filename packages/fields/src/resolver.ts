import { type FieldAccess, type FieldDefinition, type FieldError, type FieldResolver, nearest } from "@falco-efk/event";
import { ALL_FIELDS } from "./classes/all-fields.ts";
import type { EventContext } from "./event-context.ts";
import type { FieldSpec } from "./field-spec.ts";

const BY_NAME: ReadonlyMap<string, FieldSpec> = new Map(ALL_FIELDS.map((spec) => [spec.definition.name, spec]));
const NAMES: readonly string[] = [...BY_NAME.keys()];

/** All fields that are known, in the order they are listed to users. */
export const FIELD_DEFINITIONS: readonly FieldDefinition[] = ALL_FIELDS.map((spec) => spec.definition);

/** Makes the resolver that the rule compiler asks. It has no state: one serves all rule sets. */
export function createFieldResolver(): FieldResolver<EventContext> {
  return { definitions: FIELD_DEFINITIONS, resolve };
}

/** True when a field's value depends on which path is shown (`EventContext.showPath`). */
export function dependsOnPath(fieldName: string): boolean {
  return find(fieldName, null)?.spec.path ?? false;
}

/** True when a field reads environments: where no rule and no output does, the process tree need not keep them. */
export function dependsOnEnvironment(fieldName: string): boolean {
  return fieldName === "proc.env" || fieldName === "proc.aenv";
}

function find(name: string, argument: string | null): { spec: FieldSpec; argument: string | null } | null {
  const exact = BY_NAME.get(name);
  if (exact !== undefined) return { spec: exact, argument };
  if (argument !== null) return null;
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const spec = BY_NAME.get(name.slice(0, dot));
    if (spec !== undefined)
      return spec.dotted && dot < name.length - 1 ? { spec, argument: name.slice(dot + 1) } : null;
  }
  return null;
}

function resolve(name: string, argument: string | null): FieldAccess<EventContext> | FieldError {
  const found = find(name, argument);
  if (found === null) {
    const suggestion = nearest(name, NAMES);
    const message = `there is no field "${name}"`;
    return suggestion === null
      ? { code: "unknown-field", message }
      : { code: "unknown-field", message: `${message}; did you mean "${suggestion}"?`, suggestion };
  }
  const { definition } = found.spec;
  if (definition.unsupported !== undefined) {
    return { code: "unsupported", message: `"${definition.name}" can't be filled: ${definition.unsupported}` };
  }
  const given = found.argument;
  if (given !== null && definition.argument === "none") {
    return { code: "unexpected-argument", message: `"${definition.name}" takes no argument, got "${given}"` };
  }
  if (given === null && definition.argument.startsWith("required")) {
    const kind = definition.argument === "required-index" ? "a number" : "a name";
    return { code: "missing-argument", message: `"${definition.name}" needs ${kind} in brackets` };
  }
  if (given !== null && definition.argument.endsWith("index") && !/^\d{1,9}$/.test(given)) {
    return { code: "bad-argument", message: `"${definition.name}" takes a whole number from 0, got "${given}"` };
  }
  const reading = found.spec.bind(given);
  if (typeof reading === "string") return { code: "bad-argument", message: `"${definition.name}": ${reading}` };
  const { type = definition.type, ...read } = reading;
  return { definition: type === definition.type ? definition : { ...definition, type }, argument: given, ...read };
}
