import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import { inNetwork, type Network } from "../network.ts";
import type { ValueKind } from "../node.ts";
import { equalBytes } from "../text.ts";
import { ALL_KINDS, type Operand, type Operator, plainOperand } from "./operator.ts";

/** `=` and `==`: the same text, number, bytes or address; for a network: lies in it. */
export const equal: Operator = {
  names: ["=", "=="],
  kinds: ALL_KINDS,
  list: false,
  every: false,
  prepare: plainOperand,
  check: checkEqual,
  build: buildEqual,
};

/** Interprets `=`. */
export function checkEqual(operand: Operand, value: FieldScalar, kind: ValueKind): boolean {
  const literal = operand.values[0];
  if (kind === "network") return inNetwork(value as Uint8Array, literal as Network);
  if (kind === "bytes" || kind === "address") return equalBytes(value as Uint8Array, literal as Uint8Array);
  return value === literal;
}

/** Compiles `=`. */
export function buildEqual(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  const literal = operand.values[0];
  if (kind === "network") {
    return code`${scope.constant(inNetwork, "inNetwork")}(${value}, ${scope.constant(literal, "network")})`;
  }
  if (kind === "bytes" || kind === "address") {
    return code`${scope.constant(equalBytes, "equalBytes")}(${value}, ${scope.constant(literal, "bytes")})`;
  }
  return code`${value} === ${literal as string | number | bigint | boolean}`;
}
