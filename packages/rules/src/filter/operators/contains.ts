import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import { indexOfBytes } from "../text.ts";
import { type Operand, type Operator, plainOperand } from "./operator.ts";

/** `contains`: the text is somewhere in the value. */
export const contains: Operator = {
  names: ["contains"],
  kinds: ["text", "bytes"],
  list: false,
  every: false,
  prepare: plainOperand,
  check: checkContains,
  build: buildContains,
};

/** Interprets `contains`. */
export function checkContains(operand: Operand, value: FieldScalar, kind: ValueKind): boolean {
  const literal = operand.values[0];
  if (kind === "bytes") return indexOfBytes(value as Uint8Array, literal as Uint8Array) >= 0;
  return (value as string).includes(literal as string);
}

/** Compiles `contains`. */
export function buildContains(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  const literal = operand.values[0];
  if (kind === "bytes") {
    return code`${scope.constant(indexOfBytes, "indexOfBytes")}(${value}, ${scope.constant(literal, "bytes")}) >= 0`;
  }
  return code`${value}.includes(${literal as string})`;
}
