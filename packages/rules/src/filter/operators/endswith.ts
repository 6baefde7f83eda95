import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import { endsWithBytes } from "../text.ts";
import { type Operand, type Operator, plainOperand } from "./operator.ts";

/** `endswith`: the value ends with the text. */
export const endsWith: Operator = {
  names: ["endswith"],
  kinds: ["text", "bytes"],
  list: false,
  every: false,
  prepare: plainOperand,
  check: checkEndsWith,
  build: buildEndsWith,
};

/** Interprets `endswith`. */
export function checkEndsWith(operand: Operand, value: FieldScalar, kind: ValueKind): boolean {
  const literal = operand.values[0];
  if (kind === "bytes") return endsWithBytes(value as Uint8Array, literal as Uint8Array);
  return (value as string).endsWith(literal as string);
}

/** Compiles `endswith`. */
export function buildEndsWith(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  const literal = operand.values[0];
  if (kind === "bytes") {
    return code`${scope.constant(endsWithBytes, "endsWithBytes")}(${value}, ${scope.constant(literal, "bytes")})`;
  }
  const text = literal as string;
  if (text === "") return code`true`;
  // One character tells most values apart, and reading it costs less than the call.
  return code`(${value}.charCodeAt(${value}.length - ${text.length}) === ${text.charCodeAt(0)} && ${value}.endsWith(${text}))`;
}
