import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import { compareText } from "../text.ts";
import { type Operand, type Operator, plainOperand } from "./operator.ts";

type Ordering = "<" | "<=" | ">" | ">=";

const SIGNS: Readonly<Record<Ordering, Code>> = {
  "<": code`<`,
  "<=": code`<=`,
  ">": code`>`,
  ">=": code`>=`,
};

/** Interprets an ordering: numbers by value, texts by their bytes. */
export function checkOrder(name: Ordering, operand: Operand, value: FieldScalar, kind: ValueKind): boolean {
  const literal = operand.values[0];
  const sign =
    kind === "text"
      ? compareText(value as string, literal as string)
      : (value as number) < (literal as number)
        ? -1
        : (value as number) > (literal as number)
          ? 1
          : 0;
  if (name === "<") return sign < 0;
  if (name === "<=") return sign <= 0;
  return name === ">" ? sign > 0 : sign >= 0;
}

/** Compiles an ordering. */
export function buildOrder(name: Ordering, operand: Operand, value: Code, kind: ValueKind, scope: Scope): Code {
  const literal = operand.values[0] as string | number | bigint;
  if (kind !== "text") return code`${value} ${SIGNS[name]} ${literal}`;
  return code`${scope.constant(compareText, "compareText")}(${value}, ${literal}) ${SIGNS[name]} 0`;
}

function ordering(name: Ordering): Operator {
  return {
    names: [name],
    kinds: ["text", "number"],
    list: false,
    every: false,
    prepare: plainOperand,
    check: (operand, value, kind) => checkOrder(name, operand, value, kind),
    build: (operand, value, kind, scope) => buildOrder(name, operand, value, kind, scope),
  };
}

/** `<` `<=` `>` `>=`. */
export const orderings: readonly Operator[] = [ordering("<"), ordering("<="), ordering(">"), ordering(">=")];
