import type { FieldScalar } from "@falco-efk/event";
import { RE2JS } from "re2js";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import type { Literal, Operand, Operator } from "./operator.ts";

/** `regex`: the whole value matches the regular expression, with RE2's syntax and its linear time. */
export const regex: Operator = {
  names: ["regex"],
  kinds: ["text"],
  list: false,
  every: false,
  prepare: prepareRegex,
  check: checkRegex,
  build: buildRegex,
};

function prepareRegex(values: readonly Literal[]): Operand | { readonly error: string } {
  try {
    return { values, regex: RE2JS.compile(values[0] as string) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { error: `'${values[0]}' is not a regular expression: ${reason}` };
  }
}

/** Interprets `regex`. */
export function checkRegex(operand: Operand, value: FieldScalar): boolean {
  return operand.regex?.testExact(value as string) ?? false;
}

/** Compiles `regex`. */
export function buildRegex(operand: Operand, value: Code, _kind: ValueKind, scope: Scope): Code {
  return code`${scope.constant(operand.regex, "regex")}.testExact(${value})`;
}
