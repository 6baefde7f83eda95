import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import { startsWithBytes } from "../text.ts";
import { type Operand, type Operator, plainOperand } from "./operator.ts";

/** `startswith`: the value begins with the text. */
export const startsWith: Operator = {
  names: ["startswith"],
  kinds: ["text", "bytes"],
  list: false,
  every: false,
  prepare: plainOperand,
  check: checkStartsWith,
  build: buildStartsWith,
};

/** Interprets `startswith`. */
export function checkStartsWith(operand: Operand, value: FieldScalar, kind: ValueKind): boolean {
  const literal = operand.values[0];
  if (kind === "bytes") return startsWithBytes(value as Uint8Array, literal as Uint8Array);
  return (value as string).startsWith(literal as string);
}

/** Compiles `startswith`. */
export function buildStartsWith(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  const literal = operand.values[0];
  if (kind === "bytes") {
    return code`${scope.constant(startsWithBytes, "startsWithBytes")}(${value}, ${scope.constant(literal, "bytes")})`;
  }
  const text = literal as string;
  if (text === "") return code`true`;
  // One character tells most values apart, and reading it costs less than the call; the last one differs most often.
  const last = text.length - 1;
  return code`(${value}.charCodeAt(${last}) === ${text.charCodeAt(last)} && ${value}.startsWith(${text}))`;
}
