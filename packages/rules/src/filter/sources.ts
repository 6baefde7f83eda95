import { type FieldResolver, type FieldValue, isFieldError } from "@falco-efk/event";
import type { OperandExpr, Position, TransformerArgument } from "./ast.ts";
import type { FieldSource, Source } from "./node.ts";
import { printArgument, printOperand, printValue } from "./print.ts";
import { buildTransformer } from "./transformers.ts";

/**
 * Why a field or transformer cannot be read. `unknown` marks a field that does not exist, which a rule may choose to bear;
 * `refused` one that exists and that nobody can fill.
 */
export interface SourceProblem {
  readonly error: string;
  readonly unknown: boolean;
  readonly refused?: boolean;
  readonly position: Position;
}

export type SourceResult<E> = { readonly source: Source<E> } | SourceProblem;

/** Turns a field or a transformer into what reads it from an event. */
export function resolveOperand<E>(expr: OperandExpr, resolver: FieldResolver<E>): SourceResult<E> {
  if (expr.kind === "field") return resolveField(expr.name, expr.argument, expr.position, resolver);
  const args: Source<E>[] = [];
  for (const argument of expr.args) {
    const result = resolveArgument(argument, resolver);
    if ("error" in result) return result;
    args.push(result.source);
  }
  const built = buildTransformer(expr.name, args, expr.argument);
  if ("error" in built) return { error: built.error, unknown: false, position: expr.position };
  // `val` is syntax alone: its value is the field's, and so is its name.
  if (expr.name === "val") return { source: args[0] as Source<E> };
  return { source: { kind: "transformer", key: printOperand(expr), ...built, args } };
}

function resolveField<E>(
  name: string,
  argument: string | null,
  position: Position,
  resolver: FieldResolver<E>,
): { readonly source: FieldSource<E> } | SourceProblem {
  const access = resolver.resolve(name, argument);
  if (isFieldError(access)) {
    const hint = access.suggestion === undefined ? "" : `; did you mean '${access.suggestion}'?`;
    const message = access.message.includes("did you mean") ? access.message : `${access.message}${hint}`;
    const refused = access.code === "unsupported";
    return { error: message, unknown: access.code === "unknown-field", refused, position };
  }
  const { type, list } = access.definition;
  return { source: { kind: "field", key: name + printArgument(argument), type, list, access } };
}

function resolveArgument<E>(argument: TransformerArgument, resolver: FieldResolver<E>): SourceResult<E> {
  if (argument.kind === "value") {
    return {
      source: { kind: "literal", key: printValue(argument), type: "CHARBUF", list: false, value: argument.text },
    };
  }
  if (argument.kind !== "transformer-list") return resolveOperand(argument, resolver);
  const items: Source<E>[] = [];
  for (const item of argument.items) {
    const result = resolveArgument(item, resolver);
    if ("error" in result) return result;
    items.push(result.source);
  }
  const key = `(${items.map((item) => item.key).join(", ")})`;
  const apply = (values: readonly FieldValue[]): FieldValue => values.flatMap((value) => (value === null ? [] : value));
  return { source: { kind: "transformer", key, type: "CHARBUF", list: true, args: items, apply } };
}

/** Reads a source's value from an event: the interpreter's way, and the formatter's. */
export function readSource<E>(source: Source<E>, event: E): FieldValue {
  switch (source.kind) {
    case "literal":
      return source.value;
    case "field":
      return source.access.extract(event);
    case "transformer": {
      const values: FieldValue[] = [];
      for (const arg of source.args) {
        const value = readSource(arg, event);
        if (value === null) return null;
        values.push(value);
      }
      return source.apply(values);
    }
  }
}
