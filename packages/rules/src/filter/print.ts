import type { Expr, ListExpr, OperandExpr, TransformerArgument, ValueExpr } from "./ast.ts";
import { quoteLiteral } from "./escape.ts";

/** Writes a condition that parses back to the same tree: `parse(print(tree)) = tree`, positions aside. */
export function printCondition(expr: Expr): string {
  return print(expr, 0);
}

// 0: anything may stand bare; 1: inside `or`; 2: inside `and`; 3: behind `not`.
function print(expr: Expr, level: number): string {
  switch (expr.kind) {
    case "or":
    case "and": {
      const own = expr.kind === "or" ? 1 : 2;
      const text = expr.children.map((child) => print(child, own)).join(` ${expr.kind} `);
      return level >= own ? `(${text})` : text;
    }
    case "not":
      return level >= 3 ? `(not ${print(expr.child, 3)})` : `not ${print(expr.child, 3)}`;
    case "identifier":
      return expr.name;
    case "unary":
      return `${printOperand(expr.left)} exists`;
    case "binary": {
      const operator = expr.modifier === null ? expr.operator : `${expr.operator} ${expr.modifier}`;
      const right = expr.right;
      const text =
        right.kind === "list" ? printList(right) : right.kind === "value" ? printValue(right) : printOperand(right);
      return `${printOperand(expr.left)} ${operator} ${text}`;
    }
  }
}

/** Writes a field or a transformer: also the name of a value that is extracted once an event. */
export function printOperand(expr: OperandExpr): string {
  if (expr.kind === "field") return expr.name + printArgument(expr.argument);
  return `${expr.name}(${expr.args.map(printTransformerArgument).join(", ")})${printArgument(expr.argument)}`;
}

/** A field's argument in its brackets, or nothing. */
export function printArgument(argument: string | null): string {
  if (argument === null) return "";
  return /^[^\][ \t\n\v\f\r"'=\\]+$/.test(argument) ? `[${argument}]` : `[${quoteLiteral(argument, null)}]`;
}

function printTransformerArgument(argument: TransformerArgument): string {
  if (argument.kind === "value") return printValue(argument);
  if (argument.kind === "transformer-list") return `(${argument.items.map(printTransformerArgument).join(", ")})`;
  return printOperand(argument);
}

function printList(list: ListExpr): string {
  return `(${list.values.map(printValue).join(", ")})`;
}

/** A literal, in quotes where it was in quotes. */
export function printValue(value: ValueExpr): string {
  return value.quoted ? quoteLiteral(value.text, value.bytes) : value.text;
}
