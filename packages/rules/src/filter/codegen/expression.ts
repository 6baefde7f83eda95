import type { BinaryOperatorName } from "../ast.ts";
import { type CheckOperand, compareFields } from "../compare.ts";
import type { FieldCheck, LiteralCheck, Node, Source, ValueKind } from "../node.ts";
import { buildExists } from "../operators/exists.ts";
import { operatorByName } from "../operators/table.ts";
import { type Code, code, join, type Scope } from "./code.ts";

/** What the compiler of expressions asks of the module it writes into. */
export interface Slots<E> {
  readonly scope: Scope;
  /** Code that gives a source's value, read at most once an event. */
  read(source: Source<E>): Code;
  /** Code that gives a macro's value, evaluated at most once an event. */
  macro(name: string, body: Node<E>): Code;
  /** The name of the function that makes a check's comparison whole, for any value. */
  compare(check: LiteralCheck<E>): Code;
}

// A variable that every generated function declares: the value under comparison.
const VALUE = code`v`;

// Beyond this many members a modifier is interpreted: the code would only be long.
const MEMBER_LIMIT = 16;

/** Compiles a condition to a Boolean expression. */
export function buildExpression<E>(node: Node<E>, slots: Slots<E>): Code {
  switch (node.kind) {
    case "constant":
      return code`${node.value}`;
    case "and":
      return code`(${join(
        node.children.map((child) => buildExpression(child, slots)),
        " && ",
        code`true`,
      )})`;
    case "or":
      return code`(${join(
        node.children.map((child) => buildExpression(child, slots)),
        " || ",
        code`false`,
      )})`;
    case "not":
      return code`!${buildExpression(node.child, slots)}`;
    case "macro":
      return slots.macro(node.name, node.body);
    case "check":
      return buildCheck(node, slots);
    case "field-check":
      return buildFieldCheck(node, slots);
  }
}

function buildCheck<E>(check: LiteralCheck<E>, slots: Slots<E>): Code {
  const read = slots.read(check.source);
  if (check.operator === "exists") return code`(${VALUE} = ${read}, ${buildExists(VALUE)})`;
  const whole = slots.compare(check);
  if (check.source.list) return code`${whole}(${read})`;
  const quick = buildQuick(check, slots.scope);
  if (quick === null) return code`${whole}(${read})`;
  // A value of the usual JavaScript type takes the quick way; several values, a bigint or the like take the whole one.
  return code`(${VALUE} = ${read}, ${isUsual(check.valueKind)} ? ${quick} : ${VALUE} !== null && ${whole}(${VALUE}))`;
}

function isUsual(kind: ValueKind): Code {
  switch (kind) {
    case "text":
      return code`typeof ${VALUE} === "string"`;
    case "number":
      return code`typeof ${VALUE} === "number"`;
    case "boolean":
      return code`typeof ${VALUE} === "boolean"`;
    default:
      return code`${VALUE} instanceof Uint8Array`;
  }
}

function buildQuick<E>(check: LiteralCheck<E>, scope: Scope): Code | null {
  const operator = operatorByName(check.operator as BinaryOperatorName);
  const operand: CheckOperand = check.operand;
  if (check.modifier === null) return operator.build(operand, VALUE, check.valueKind, scope);
  const members = operand.members ?? [];
  if (members.length === 0) return code`false`;
  if (members.length > MEMBER_LIMIT) return null;
  const tests = members.map((member) => operator.build(member, VALUE, check.valueKind, scope));
  if (check.modifier === "anyof") return code`(${join(tests, " || ", code`false`)})`;
  if (check.modifier === "allof") return code`(${join(tests, " && ", code`true`)})`;
  return code`(${join(
    tests.map((test) => code`(${test} ? 1 : 0)`),
    " + ",
    code`0`,
  )}) === 1`;
}

function buildFieldCheck<E>(check: FieldCheck<E>, slots: Slots<E>): Code {
  const compare = slots.scope.constant((left: never, right: never) => compareFields(check, left, right), "compare");
  return code`${compare}(${slots.read(check.source)}, ${slots.read(check.right)})`;
}
