import type { FieldArgument, FieldDefinition, FieldType, FieldValue } from "@falco-efk/event";
import type { EventContext } from "./event-context.ts";

/** Reads a field from an event. */
export type Extract = (event: EventContext) => FieldValue;

/** How a field with its argument is read; see FieldAccess for `print` and `json`. */
export interface Reading {
  readonly extract: Extract;
  readonly print?: Extract;
  readonly json?: Extract;
  /** The type where the argument decides it (`evt.rawarg`). */
  readonly type?: FieldType;
}

/** A field as its class declares it. */
export interface FieldSpec {
  readonly definition: FieldDefinition;
  /** The argument may also follow a dot: `evt.arg.name`. */
  readonly dotted: boolean;
  /** True when the value shows a path that the kernel may resolve otherwise. */
  readonly path: boolean;
  /** Makes the reader for an argument; a text says what is wrong with the argument. */
  readonly bind: (argument: string | null) => Reading | string;
}

/** What is rarely stated about a field. */
export interface FieldTraits {
  readonly list?: boolean;
  readonly deprecated?: boolean;
  readonly outputOnly?: boolean;
  readonly several?: "any" | "endpoints";
  readonly unsupported?: string;
  readonly path?: boolean;
  readonly dotted?: boolean;
  readonly print?: Extract;
  readonly json?: Extract;
}

function definitionOf(
  name: string,
  type: FieldType,
  argument: FieldArgument,
  description: string,
  traits: FieldTraits,
): FieldDefinition {
  return {
    name,
    type,
    list: traits.list ?? false,
    argument,
    description,
    class: name.startsWith("fs.path.") ? "fs.path" : name.slice(0, name.indexOf(".")),
    ...(traits.deprecated ? { deprecated: true } : {}),
    ...(traits.outputOnly ? { outputOnly: true } : {}),
    ...(traits.several ? { several: traits.several } : {}),
    ...(traits.unsupported ? { unsupported: traits.unsupported } : {}),
  };
}

/** A field without argument. */
export function field(
  name: string,
  type: FieldType,
  description: string,
  extract: Extract,
  traits: FieldTraits = {},
): FieldSpec {
  const reading: Reading = {
    extract,
    ...(traits.print ? { print: traits.print } : {}),
    ...(traits.json ? { json: traits.json } : {}),
  };
  return {
    definition: definitionOf(name, type, "none", description, traits),
    dotted: false,
    path: traits.path ?? false,
    bind: () => reading,
  };
}

/** A field with an argument. */
export function fieldWith(
  name: string,
  type: FieldType,
  argument: FieldArgument,
  description: string,
  bind: (argument: string | null) => Reading | string,
  traits: FieldTraits = {},
): FieldSpec {
  return {
    definition: definitionOf(name, type, argument, description, traits),
    dotted: traits.dotted ?? false,
    path: traits.path ?? false,
    bind,
  };
}

/** A field that is known by name and that this engine can't fill. */
export function unsupported(
  name: string,
  type: FieldType,
  description: string,
  reason: string,
  argument: FieldArgument = "none",
  traits: FieldTraits = {},
): FieldSpec {
  const bind = (): Reading => ({ extract: () => null });
  return fieldWith(name, type, argument, description, bind, { ...traits, unsupported: reason });
}

/** An argument that is a whole number: null when it is none. */
export function indexOf(argument: string): number | null {
  return /^\d{1,9}$/.test(argument) ? Number(argument) : null;
}
