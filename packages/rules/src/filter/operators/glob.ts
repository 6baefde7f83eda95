import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import { compileGlob } from "../glob.ts";
import type { ValueKind } from "../node.ts";
import { buildContains } from "./contains.ts";
import { buildEndsWith } from "./endswith.ts";
import { buildEqual } from "./equal.ts";
import type { Literal, Operand, Operator } from "./operator.ts";
import { buildStartsWith } from "./startswith.ts";

/** `glob`: the whole value matches the shell pattern; `*` goes over slashes. */
export const glob: Operator = globOperator("glob", false);

/** `iglob`: as `glob`, ASCII letters in either case. */
export const iglob: Operator = globOperator("iglob", true);

function globOperator(name: "glob" | "iglob", foldCase: boolean): Operator {
  return {
    names: [name],
    kinds: ["text"],
    list: false,
    every: false,
    prepare: (values: readonly Literal[]): Operand => ({ values, glob: compileGlob(values[0] as string, foldCase) }),
    check: checkGlob,
    build: buildGlob,
  };
}

/** Interprets `glob` and `iglob`. */
export function checkGlob(operand: Operand, value: FieldScalar): boolean {
  return operand.glob?.test(value as string) ?? false;
}

/** Compiles `glob` and `iglob`: a pattern with stars at its ends alone becomes the plain operator. */
export function buildGlob(operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  const plain = operand.glob?.plain ?? null;
  if (plain === null) return code`${scope.constant(operand.glob, "glob")}.test(${value})`;
  const text = { values: [plain.text] };
  if (plain.kind === "prefix") return buildStartsWith(text, value, kind, scope);
  if (plain.kind === "suffix") return buildEndsWith(text, value, kind, scope);
  return plain.kind === "contains" ? buildContains(text, value, kind, scope) : buildEqual(text, value, kind, scope);
}
