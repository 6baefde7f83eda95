import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, join, type Scope } from "../codegen/code.ts";
import { inNetwork, type Network } from "../network.ts";
import type { ValueKind } from "../node.ts";
import { bytesKey } from "../text.ts";
import { buildEqual } from "./equal.ts";
import { ALL_KINDS, type Literal, type Operand, type Operator } from "./operator.ts";

// Below this many literals a chain of comparisons is quicker than hashing the value.
const CHAIN_LIMIT = 3;

/** `in`: the value is one of the list. Of a field that is a list: all of its values are. */
export const isIn: Operator = membership("in");

/** `intersects`: any of the field's values is one of the list. */
export const intersects: Operator = membership("intersects");

function membership(name: "in" | "intersects"): Operator {
  return { names: [name], kinds: ALL_KINDS, list: true, every: false, prepare, check: checkIn, build: buildIn };
}

function prepare(values: readonly Literal[], kind: ValueKind): Operand {
  const keyed = kind === "bytes" || kind === "address";
  return { values, set: new Set(keyed ? values.map((value) => bytesKey(value as Uint8Array)) : values) };
}

/** Interprets `in` for one value. */
export function checkIn(operand: Operand, value: FieldScalar, kind: ValueKind): boolean {
  if (kind === "network") return inAnyNetwork(value as Uint8Array, operand.values as readonly Network[]);
  const keyed = kind === "bytes" || kind === "address";
  return operand.set?.has(keyed ? bytesKey(value as Uint8Array) : value) ?? false;
}

/** Compiles `in` for one value. */
export function buildIn(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  if (kind === "network") {
    return code`${scope.constant(inAnyNetwork, "inAnyNetwork")}(${value}, ${scope.constant(operand.values, "networks")})`;
  }
  if (operand.values.length <= CHAIN_LIMIT) {
    const tests = operand.values.map((literal) => buildEqual({ values: [literal] }, value, kind, scope));
    return code`(${join(tests, " || ", code`false`)})`;
  }
  const set = scope.constant(operand.set, "set");
  if (kind !== "bytes" && kind !== "address") return code`${set}.has(${value})`;
  return code`${set}.has(${scope.constant(bytesKey, "bytesKey")}(${value}))`;
}

function inAnyNetwork(address: Uint8Array, networks: readonly Network[]): boolean {
  for (const network of networks) if (inNetwork(address, network)) return true;
  return false;
}
