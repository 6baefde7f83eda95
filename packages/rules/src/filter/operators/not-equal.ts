import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import { buildEqual, checkEqual } from "./equal.ts";
import { ALL_KINDS, type Operand, type Operator, plainOperand } from "./operator.ts";

/** `!=`: there is a value and it is another one. */
export const notEqual: Operator = {
  names: ["!="],
  kinds: ALL_KINDS,
  list: false,
  every: true,
  prepare: plainOperand,
  check: checkNotEqual,
  build: buildNotEqual,
};

/** Interprets `!=`. */
export function checkNotEqual(operand: Operand, value: FieldScalar, kind: ValueKind): boolean {
  return !checkEqual(operand, value, kind);
}

/** Compiles `!=`. */
export function buildNotEqual(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  return code`!(${buildEqual(operand, value, kind, scope)})`;
}
