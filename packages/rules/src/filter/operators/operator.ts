import type { FieldScalar } from "@falco-efk/event";
import type { BinaryOperatorName } from "../ast.ts";
import type { Code, Scope } from "../codegen/code.ts";
import type { Glob } from "../glob.ts";
import type { Network } from "../network.ts";
import type { ValueKind } from "../node.ts";
import type { PathTrie } from "../path-trie.ts";

/** A literal as its operator compares it: text, number, Boolean, bytes (an address too) or network. */
export type Literal = string | number | bigint | boolean | Uint8Array | Network;

/** The literals of a check, with what the operator made of them beforehand. */
export interface Operand {
  readonly values: readonly Literal[];
  /** For membership: texts, numbers, or the key text of bytes. */
  readonly set?: ReadonlySet<unknown>;
  readonly glob?: Glob;
  readonly regex?: { testExact(text: string): boolean };
  readonly trie?: PathTrie;
}

/**
 * An operator. `check` is the interpreter's, `build` the compiler's: for a value of the operand's kind both say the same.
 * Neither is called for a missing value: a comparison with one is false.
 */
export interface Operator {
  readonly names: readonly BinaryOperatorName[];
  readonly kinds: readonly ValueKind[];
  /** True where the right side is a list. */
  readonly list: boolean;
  /** True where a value's being several (both addresses of a socket) asks for all of them, not any. */
  readonly every: boolean;
  /** Makes the literals ready, or says what is wrong with them. */
  prepare(values: readonly Literal[], kind: ValueKind): Operand | { readonly error: string };
  check(operand: Operand, value: FieldScalar, kind: ValueKind): boolean;
  build(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code;
}

/** Every kind but networks and addresses. */
export const ALL_KINDS: readonly ValueKind[] = ["text", "number", "boolean", "bytes", "address", "network"];

/** The operand as it is. */
export function plainOperand(values: readonly Literal[]): Operand {
  return { values };
}
