import type { FieldScalar, FieldValue } from "@falco-efk/event";
import type { BinaryOperatorName } from "./ast.ts";
import type { FieldCheck, LiteralCheck, ValueKind } from "./node.ts";
import { checkExists } from "./operators/exists.ts";
import type { Literal, Operand } from "./operators/operator.ts";
import { operatorByName } from "./operators/table.ts";

/** The prepared literals of a check: one operand, or one a literal where a modifier combines them. */
export interface CheckOperand extends Operand {
  readonly members?: readonly Operand[];
}

/** True when the value has the JavaScript type that comparisons of the kind are made for. */
export function isOfKind(value: FieldScalar, kind: ValueKind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number" || typeof value === "bigint";
    case "boolean":
      return typeof value === "boolean";
    default:
      return value instanceof Uint8Array;
  }
}

/** Compares an event's value with the literals of a check: the meaning of every operator, whole. */
export function compareValue<E>(check: LiteralCheck<E>, value: FieldValue): boolean {
  if (check.operator === "exists") return checkExists(value);
  if (value === null) return false;
  const operator = operatorByName(check.operator);
  const test = (scalar: FieldScalar): boolean => isOfKind(scalar, check.valueKind) && compareScalar(check, scalar);
  if (check.source.list) {
    const values = Array.isArray(value) ? (value as readonly FieldScalar[]) : [value as FieldScalar];
    if (values.length === 0) return false;
    return check.operator === "in" ? values.every(test) : values.some(test);
  }
  if (!Array.isArray(value)) return test(value as FieldScalar);
  const values = value as readonly FieldScalar[];
  // Of both ends of a socket, `!=` asks that neither be the value; of ancestors, that some ancestor be another.
  if (operator.every && isSocketField(check)) return values.length > 0 && values.every(test);
  return values.some(test);
}

function isSocketField<E>(check: LiteralCheck<E>): boolean {
  return check.source.kind === "field" && check.source.access.definition.class === "fd";
}

function compareScalar<E>(check: LiteralCheck<E>, value: FieldScalar): boolean {
  const operator = operatorByName(check.operator as BinaryOperatorName);
  const operand: CheckOperand = check.operand;
  if (check.modifier === null) return operator.check(operand, value, check.valueKind);
  const members = operand.members ?? [];
  if (members.length === 0) return false;
  const matches = (member: Operand): boolean => operator.check(member, value, check.valueKind);
  if (check.modifier === "anyof") return members.some(matches);
  if (check.modifier === "allof") return members.every(matches);
  let count = 0;
  for (const member of members) if (matches(member) && ++count > 1) return false;
  return count === 1;
}

/** Compares two values of one event; either missing makes it false. */
export function compareFields<E>(check: FieldCheck<E>, left: FieldValue, right: FieldValue): boolean {
  if (left === null || right === null) return false;
  const literals = (Array.isArray(right) ? right : [right]) as readonly Literal[];
  if (literals.length === 0 || !literals.every((value) => isOfKind(value as FieldScalar, check.valueKind)))
    return false;
  const prepared = operatorByName(check.operator as BinaryOperatorName).prepare(literals, check.valueKind);
  if ("error" in prepared) return false;
  return compareValue(
    {
      kind: "check",
      source: check.source,
      operator: check.operator,
      modifier: null,
      valueKind: check.valueKind,
      literals: [],
      operand: prepared,
      position: check.position,
    },
    left,
  );
}
