import {
  type BinaryCheckExpr,
  type BinaryOperatorName,
  type Expr,
  type FieldExpr,
  type ListExpr,
  type OperandExpr,
  type Position,
  TRANSFORMERS,
  type TransformerArgument,
  type TransformerExpr,
  type TransformerListExpr,
  type ValueExpr,
} from "./ast.ts";
import { ParseError, Scanner } from "./scanner.ts";

/** The nesting that Falco's own grammar allows. */
export const DEFAULT_MAX_DEPTH = 100;

/** What a text holds: its tree, or where and why it cannot be read. */
export type ParseResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly position: Position };

function attempt<T>(parse: () => T): ParseResult<T> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { ok: false, message: error.message, position: error.position };
  }
}

/**
 * Parses a condition.
 *
 * @param text the condition, such as `evt.type = open and not proc.name in (cat, less)`
 * @param maxDepth nesting of grammar rules, Falco's default 100; a rules file may nest to 1000
 */
export function parseCondition(text: string, maxDepth: number = DEFAULT_MAX_DEPTH): ParseResult<Expr> {
  return attempt(() => {
    const scanner: Scanner = new Scanner(text, maxDepth);
    if (text.length === 0) scanner.fail("the condition is empty");
    const expr = parseOr(scanner);
    if (!scanner.atEnd())
      scanner.fail(`unexpected text ${scanner.describeHere()}; 'and', 'or' or the end may stand here`);
    return expr;
  });
}

/** Parses the items of a list as they stand between parentheses: `a, "b c", d`. */
export function parseListItems(text: string): ParseResult<readonly ValueExpr[]> {
  return attempt(() => {
    const scanner: Scanner = new Scanner(text, DEFAULT_MAX_DEPTH);
    const values: ValueExpr[] = [];
    do {
      scanner.blank();
      values.push(parseLiteral(scanner));
      scanner.blank();
    } while (scanner.take(","));
    if (!scanner.atEnd()) scanner.fail(`unexpected text ${scanner.describeHere()} in a list item`);
    return values;
  });
}

/** Parses a field or transformer at the head of `text`; tells how many characters it took. */
export function parseOperandPrefix(
  text: string,
): ParseResult<{ readonly operand: OperandExpr; readonly length: number }> {
  return attempt(() => {
    const scanner: Scanner = new Scanner(text, DEFAULT_MAX_DEPTH);
    const operand = parseOperand(scanner);
    if (operand === null) scanner.fail("a field or a transformer is expected here");
    return { operand, length: scanner.offset };
  });
}

function parseOr(scanner: Scanner): Expr {
  return parseLogical(scanner, "or", parseAnd);
}

function parseAnd(scanner: Scanner): Expr {
  return parseLogical(scanner, "and", parseNot);
}

function parseLogical(scanner: Scanner, keyword: "and" | "or", parseChild: (scanner: Scanner) => Expr): Expr {
  scanner.enter();
  const position = scanner.position();
  scanner.blank();
  const children: Expr[] = [parseChild(scanner)];
  scanner.blank();
  while (scanner.take(keyword)) {
    if (scanner.blank()) children.push(parseChild(scanner));
    else if (scanner.take("(")) children.push(parseParenthesised(scanner));
    else scanner.fail(`'${keyword}' must be followed by a blank or '('`);
    scanner.blank();
  }
  scanner.leave();
  return children.length === 1 ? (children[0] as Expr) : { kind: keyword, children, position };
}

function parseNot(scanner: Scanner): Expr {
  scanner.enter();
  const position = scanner.position();
  let negated = false;
  scanner.blank();
  while (scanner.match(/not[ \t\n\v\f\r]+/y) !== null) negated = !negated;
  let child: Expr;
  if (scanner.take("not(")) {
    negated = !negated;
    child = parseParenthesised(scanner);
  } else {
    child = parseCheck(scanner);
  }
  scanner.leave();
  return negated ? { kind: "not", child, position } : child;
}

function parseParenthesised(scanner: Scanner): Expr {
  scanner.enter();
  scanner.blank();
  const child = parseOr(scanner);
  scanner.blank();
  if (!scanner.take(")")) scanner.fail(`')' is expected ${scanner.describeHere()}`);
  scanner.leave();
  return child;
}

function parseCheck(scanner: Scanner): Expr {
  scanner.enter();
  scanner.blank();
  const position = scanner.position();
  let expr: Expr;
  if (scanner.take("(")) {
    expr = parseParenthesised(scanner);
  } else {
    const left = parseOperand(scanner);
    if (left !== null) {
      expr = parseComparison(scanner, left, position);
    } else {
      const name = scanner.identifier();
      if (name === null) scanner.fail(`a field, a macro or '(' is expected ${scanner.describeHere()}`);
      expr = { kind: "identifier", name, position };
    }
  }
  scanner.leave();
  return expr;
}

function parseOperand(scanner: Scanner): OperandExpr | null {
  const position = scanner.position();
  const name = scanner.fieldName();
  if (name !== null) return parseField(scanner, name, position);
  const transformer = scanner.takeCall(TRANSFORMERS);
  return transformer === null ? null : parseTransformer(scanner, transformer, position);
}

function parseField(scanner: Scanner, name: string, position: Position): FieldExpr {
  scanner.enter();
  const argument = parseArgument(scanner);
  scanner.leave();
  return { kind: "field", name, argument, position };
}

function parseArgument(scanner: Scanner): string | null {
  if (!scanner.take("[")) return null;
  const quoted = scanner.quoted();
  const argument = quoted !== null ? quoted.text : scanner.match(/[^\][ \t\n\v\f\r"']+/y);
  if (argument === null) scanner.fail("a field's argument is a word or a quoted string");
  if (!scanner.take("]")) scanner.fail(`']' is expected ${scanner.describeHere()}`);
  return argument;
}

function parseTransformer(scanner: Scanner, name: string, position: Position): TransformerExpr {
  scanner.enter();
  const args: TransformerArgument[] = [];
  do {
    scanner.blank();
    args.push(parseTransformerArgument(scanner));
    scanner.blank();
  } while (scanner.take(","));
  if (!scanner.take(")")) scanner.fail(`')' is expected ${scanner.describeHere()} to close ${name}(`);
  const argument = parseArgument(scanner);
  scanner.leave();
  return { kind: "transformer", name, args, argument, position };
}

function parseTransformerArgument(scanner: Scanner): TransformerArgument {
  scanner.enter();
  scanner.blank();
  const position = scanner.position();
  const argument = scanner.take("(") ? parseTransformerList(scanner, position) : parseTransformerItem(scanner);
  scanner.leave();
  return argument;
}

function parseTransformerItem(scanner: Scanner): FieldExpr | TransformerExpr | ValueExpr {
  const position = scanner.position();
  const number = scanner.number();
  if (number !== null) return { kind: "value", text: number, bytes: null, quoted: false, position };
  const quoted = scanner.quoted();
  if (quoted !== null) return { kind: "value", ...quoted, quoted: true, position };
  const operand = parseOperand(scanner);
  if (operand === null) {
    scanner.fail(`a field, a transformer, a quoted string or a number is expected ${scanner.describeHere()}`);
  }
  return operand;
}

function parseTransformerList(scanner: Scanner, position: Position): TransformerListExpr {
  const items: (FieldExpr | TransformerExpr | ValueExpr)[] = [];
  scanner.blank();
  if (scanner.take(")")) return { kind: "transformer-list", items, position };
  do {
    scanner.blank();
    items.push(parseTransformerItem(scanner));
    scanner.blank();
  } while (scanner.take(","));
  if (!scanner.take(")")) scanner.fail(`')' is expected ${scanner.describeHere()}`);
  return { kind: "transformer-list", items, position };
}

function parseComparison(scanner: Scanner, left: OperandExpr, position: Position): Expr {
  scanner.enter();
  scanner.blank();
  let expr: Expr;
  if (scanner.take("exists")) {
    expr = { kind: "unary", left, operator: "exists", position };
  } else {
    expr = parseBinary(scanner, left, position);
  }
  scanner.leave();
  return expr;
}

function parseBinary(scanner: Scanner, left: OperandExpr, position: Position): BinaryCheckExpr {
  const check = (
    operator: BinaryOperatorName,
    right: BinaryCheckExpr["right"],
    modifier: BinaryCheckExpr["modifier"] = null,
  ): BinaryCheckExpr => ({ kind: "binary", left, operator, modifier, right, position });

  const numeric = scanner.numericOperator();
  if (numeric !== null) return check(numeric, parseNumber(scanner));
  const textual = scanner.stringOperator();
  if (textual !== null) {
    const modifier = scanner.modifier(textual);
    if (modifier !== null) return check(textual, parseList(scanner, false), modifier);
    return check(textual, parseText(scanner));
  }
  const list = scanner.listOperator();
  if (list !== null) return check(list, parseList(scanner, true));
  return scanner.fail(`an operator is expected ${scanner.describeHere()}`);
}

function parseNumber(scanner: Scanner): ValueExpr | TransformerExpr {
  scanner.enter();
  scanner.blank();
  const position = scanner.position();
  let right: ValueExpr | TransformerExpr | null = parseRightTransformer(scanner);
  if (right === null) {
    const text = scanner.number();
    if (text === null) scanner.fail(`a number is expected ${scanner.describeHere()}`);
    right = { kind: "value", text, bytes: null, quoted: false, position };
  }
  scanner.leave();
  return right;
}

function parseText(scanner: Scanner): ValueExpr | TransformerExpr {
  scanner.enter();
  scanner.blank();
  const right = parseRightTransformer(scanner) ?? parseLiteral(scanner);
  scanner.leave();
  return right;
}

function parseLiteral(scanner: Scanner): ValueExpr {
  const position = scanner.position();
  const quoted = scanner.quoted();
  if (quoted !== null) return { kind: "value", ...quoted, quoted: true, position };
  const bare = scanner.bareString();
  if (bare === null) scanner.fail(`a value is expected ${scanner.describeHere()}`);
  return { kind: "value", text: bare, bytes: null, quoted: false, position };
}

function parseList(scanner: Scanner, transformers: boolean): ListExpr | ValueExpr | TransformerExpr {
  scanner.enter();
  scanner.blank();
  const position = scanner.position();
  let right: ListExpr | ValueExpr | TransformerExpr | null = null;
  if (scanner.take("(")) {
    right = parseListBody(scanner, position);
  } else if (transformers) {
    right = parseRightTransformer(scanner);
  }
  if (right === null) {
    const name = scanner.identifier();
    if (name === null)
      scanner.fail(`'(' and the items of a list, or a list's name, are expected ${scanner.describeHere()}`);
    right = { kind: "value", text: name, bytes: null, quoted: false, position };
  }
  scanner.leave();
  return right;
}

function parseListBody(scanner: Scanner, position: Position): ListExpr {
  const values: ValueExpr[] = [];
  scanner.blank();
  if (scanner.take(")")) return { kind: "list", values, position };
  do {
    scanner.blank();
    scanner.enter();
    values.push(parseLiteral(scanner));
    scanner.leave();
    scanner.blank();
  } while (scanner.take(","));
  if (!scanner.take(")")) scanner.fail(`',' or ')' is expected ${scanner.describeHere()}`);
  return { kind: "list", values, position };
}

function parseRightTransformer(scanner: Scanner): TransformerExpr | null {
  scanner.enter();
  scanner.blank();
  const position = scanner.position();
  let transformer: TransformerExpr | null = null;
  if (scanner.take("val(")) {
    scanner.blank();
    const fieldPosition = scanner.position();
    const name = scanner.fieldName();
    if (name === null) scanner.fail("val( takes a field");
    const field = parseField(scanner, name, fieldPosition);
    scanner.blank();
    if (!scanner.take(")")) scanner.fail(`')' is expected ${scanner.describeHere()} to close val(`);
    transformer = { kind: "transformer", name: "val", args: [field], argument: parseArgument(scanner), position };
  } else {
    const name = scanner.takeCall(TRANSFORMERS);
    if (name !== null) transformer = parseTransformer(scanner, name, position);
  }
  scanner.leave();
  return transformer;
}
