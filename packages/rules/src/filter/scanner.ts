import {
  type BinaryOperatorName,
  LIST_OPERATORS,
  MODIFIERS,
  type Modifier,
  NUMERIC_OPERATORS,
  type Position,
  STRING_OPERATORS,
} from "./ast.ts";
import { type Unescaped, unescapeLiteral } from "./escape.ts";

/** Stops a parse; caught within the parser and turned into data. */
export class ParseError extends Error {
  readonly position: Position;

  constructor(message: string, position: Position) {
    super(message);
    this.name = "ParseError";
    this.position = position;
  }
}

// The token shapes of Falco's grammar. Sticky: they match at `offset` or not at all.
const IDENTIFIER = /[a-zA-Z]+[a-zA-Z0-9_]*/y;
const FIELD_NAME = /[a-zA-Z]+[a-zA-Z0-9_]*(?:\.[a-zA-Z]+[a-zA-Z0-9_]*)+/y;
const HEX_NUMBER = /0[xX][0-9a-fA-F]+/y;
const NUMBER = /[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y;
const BARE_STRING = /[^()"' \t\n\v\f\r=,]+/y;
const BLANKS = " \t\b\r\n";

/** A cursor over a condition's text with the tokens of the grammar, and the guard over its depth. */
export class Scanner {
  readonly text: string;
  offset = 0;
  readonly #maxDepth: number;
  #depth = 0;
  #lineStarts: readonly number[] | null = null;

  constructor(text: string, maxDepth: number) {
    this.text = text;
    this.#maxDepth = maxDepth;
  }

  /** Goes one grammar rule deeper. Not undone after an error: an error ends the parse. */
  enter(): void {
    this.#depth++;
    if (this.#depth >= this.#maxDepth) this.fail(`the condition nests deeper than the limit of ${this.#maxDepth}`);
  }

  leave(): void {
    this.#depth--;
  }

  atEnd(): boolean {
    return this.offset >= this.text.length;
  }

  position(offset: number = this.offset): Position {
    this.#lineStarts ??= findLineStarts(this.text);
    return pointIn(this.#lineStarts, Math.min(offset, this.text.length));
  }

  fail(message: string, offset: number = this.offset): never {
    throw new ParseError(message, this.position(offset));
  }

  /** "before 'xyz…'" or "at the end", for messages. */
  describeHere(): string {
    if (this.atEnd()) return "at the end";
    const rest = this.text.slice(this.offset, this.offset + 60);
    const word = /^\S+/.exec(rest)?.[0] ?? rest.trim();
    return `before '${word.length > 30 ? `${word.slice(0, 30)}…` : word}'`;
  }

  /** Skips blanks; tells whether there were any. */
  blank(): boolean {
    const start = this.offset;
    while (this.offset < this.text.length && BLANKS.includes(this.text[this.offset] as string)) this.offset++;
    return this.offset > start;
  }

  take(token: string): boolean {
    if (!this.text.startsWith(token, this.offset)) return false;
    this.offset += token.length;
    return true;
  }

  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.offset += found.length;
    return found;
  }

  identifier(): string | null {
    return this.match(IDENTIFIER);
  }

  fieldName(): string | null {
    return this.match(FIELD_NAME);
  }

  number(): string | null {
    return this.match(HEX_NUMBER) ?? this.match(NUMBER);
  }

  bareString(): string | null {
    return this.match(BARE_STRING);
  }

  /** `name(` for one of the names. */
  takeCall(names: readonly string[]): string | null {
    for (const name of names) {
      if (this.take(`${name}(`)) return name;
    }
    return null;
  }

  /** A quoted string; null where none stands, or where it is never closed (the quote then is an error for the caller). */
  quoted(): Unescaped | null {
    const quote = this.text[this.offset];
    if (quote !== '"' && quote !== "'") return null;
    let end = this.offset + 1;
    for (;;) {
      end = this.text.indexOf(quote, end);
      if (end < 0) this.fail(`the string that opens with ${quote} here is not closed`);
      if (this.text[end - 1] !== "\\") break;
      end++;
    }
    const result = unescapeLiteral(this.text.slice(this.offset + 1, end), quote);
    if ("error" in result) this.fail(result.error, this.offset + 1 + result.index);
    this.offset = end + 1;
    return result;
  }

  numericOperator(): BinaryOperatorName | null {
    return NUMERIC_OPERATORS.find((operator) => this.take(operator)) ?? null;
  }

  /** Signs stand alone; words must be followed by a blank, which is skipped. */
  stringOperator(): (typeof STRING_OPERATORS)[number] | null {
    return (
      STRING_OPERATORS.find((operator) => (/^\w/.test(operator) ? this.#word(operator) : this.take(operator))) ?? null
    );
  }

  listOperator(): BinaryOperatorName | null {
    return LIST_OPERATORS.find((operator) => this.take(operator)) ?? null;
  }

  /**
   * A modifier behind a string operator. It is one only when a list or an identifier follows that is not a Boolean
   * keyword: `proc.name = oneof and …` compares with the text "oneof".
   */
  modifier(operator: string): Modifier | null {
    const start = this.offset;
    if (!/^\w/.test(operator) && !this.blank()) return null;
    const modifier = MODIFIERS.find((word) => this.#word(word)) ?? null;
    if (modifier !== null && this.#listFollows()) return modifier;
    this.offset = start;
    return null;
  }

  #listFollows(): boolean {
    const rest = this.text.slice(this.offset, this.offset + 5);
    return rest.startsWith("(") || (/^[a-zA-Z]/.test(rest) && !/^(?:and|or|not)(?![a-zA-Z0-9])/.test(rest));
  }

  #word(word: string): boolean {
    const start = this.offset;
    if (this.take(word) && this.blank()) return true;
    this.offset = start;
    return false;
  }
}

/** Offsets at which the lines of a text begin. */
export function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let next = text.indexOf("\n"); next >= 0; next = text.indexOf("\n", next + 1)) starts.push(next + 1);
  return starts;
}

/** Line and column (from 1) of an offset, given where the lines begin. */
export function pointIn(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { offset, line: low + 1, column: offset - (lineStarts[low] as number) + 1 };
}
