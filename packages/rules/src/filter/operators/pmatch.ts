import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import { buildPathTrie } from "../path-trie.ts";
import type { Literal, Operand, Operator } from "./operator.ts";

/** `pmatch`: the value is one of the paths or lies below one, component by component. */
export const pmatch: Operator = {
  names: ["pmatch"],
  kinds: ["text"],
  list: true,
  every: false,
  prepare: (values: readonly Literal[]): Operand => ({ values, trie: buildPathTrie(values as readonly string[]) }),
  check: checkPmatch,
  build: buildPmatch,
};

/** Interprets `pmatch`. */
export function checkPmatch(operand: Operand, value: FieldScalar): boolean {
  return operand.trie?.test(value as string) ?? false;
}

/** Compiles `pmatch`. */
export function buildPmatch(operand: Operand, value: Code, _kind: ValueKind, scope: Scope): Code {
  return code`${scope.constant(operand.trie, "paths")}.test(${value})`;
}
