import type { FieldScalar } from "@falco-efk/event";
import { type Code, code, type Scope } from "../codegen/code.ts";
import type { ValueKind } from "../node.ts";
import { lowerAscii } from "../text.ts";
import type { Literal, Operand, Operator } from "./operator.ts";

/** `icontains`: the text is somewhere in the value, ASCII letters in either case. */
export const icontains: Operator = {
  names: ["icontains"],
  kinds: ["text"],
  list: false,
  every: false,
  prepare: (values: readonly Literal[]): Operand => ({ values: values.map((value) => lowerAscii(value as string)) }),
  check: checkIcontains,
  build: buildIcontains,
};

/** Interprets `icontains`. */
export function checkIcontains(operand: Operand, value: FieldScalar): boolean {
  return lowerAscii(value as string).includes(operand.values[0] as string);
}

/** Compiles `icontains`: a pattern looks at the value as it is, where lowering it first would copy it. */
export function buildIcontains(operand: Operand, value: Code, _kind: ValueKind, scope: Scope): Code {
  return code`${scope.constant(eitherCase(operand.values[0] as string), "text")}.test(${value})`;
}

/** The text as a pattern, its ASCII letters in either case: the flag `i` would fold others too. */
function eitherCase(text: string): RegExp {
  const units = text.split("").map((unit) => {
    const code = `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return /[a-z]/.test(unit) ? `[${unit}${unit.toUpperCase()}]` : code;
  });
  return new RegExp(units.join(""));
}
