import type { Query } from "@falco-efk/elastic";
import { KqlError, lexKql, type Token } from "./kql-lexer.ts";

/**
 * Turns a KQL filter into a query: `field: value`, `field: (a or b)`, `field: *`, `field >= 5`, `and`, `or`, `not`,
 * parentheses, `*` in values, and words without a field. An empty filter matches everything. Throws KqlError.
 */
export function parseKql(text: string): Query {
  const cursor = new Cursor(lexKql(text));
  if (cursor.isAtEnd()) return { match_all: {} };
  const query = parseOr(cursor, parseExpression);
  if (!cursor.isAtEnd()) throw unexpected(cursor.peek);
  return query;
}

class Cursor {
  private readonly tokens: readonly Token[];
  private index = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get peek(): Token {
    return this.tokens[this.index] as Token;
  }

  get following(): Token | undefined {
    return this.tokens[this.index + 1];
  }

  isAtEnd(): boolean {
    return this.peek.kind === "end";
  }

  take(): Token {
    const token = this.peek;
    if (token.kind !== "end") this.index += 1;
    return token;
  }

  takeIf(kind: Token["kind"]): boolean {
    if (this.peek.kind !== kind) return false;
    this.take();
    return true;
  }
}

type Parse = (cursor: Cursor) => Query;

function parseOr(cursor: Cursor, primary: Parse): Query {
  const parts = [parseAnd(cursor, primary)];
  while (cursor.takeIf("or")) parts.push(parseAnd(cursor, primary));
  return parts.length === 1 ? (parts[0] as Query) : { bool: { should: parts, minimum_should_match: 1 } };
}

function parseAnd(cursor: Cursor, primary: Parse): Query {
  const parts = [parseNot(cursor, primary)];
  while (cursor.takeIf("and")) parts.push(parseNot(cursor, primary));
  return parts.length === 1 ? (parts[0] as Query) : { bool: { filter: parts } };
}

function parseNot(cursor: Cursor, primary: Parse): Query {
  return cursor.takeIf("not") ? { bool: { must_not: [parseNot(cursor, primary)] } } : primary(cursor);
}

function parseExpression(cursor: Cursor): Query {
  if (cursor.takeIf("(")) return closeGroup(cursor, parseOr(cursor, parseExpression));
  const { peek, following } = cursor;
  if (peek.kind !== "word" && peek.kind !== "quoted") throw unexpected(peek);
  switch (following?.kind) {
    case ":": {
      const field = cursor.take().text;
      cursor.take();
      return parseValues(cursor, field);
    }
    case ">=":
    case ">":
    case "<=":
    case "<": {
      const field = cursor.take().text;
      return range(field, cursor.take().kind, cursor.take());
    }
    default:
      return freeText(parseValue(cursor));
  }
}

function parseValues(cursor: Cursor, field: string): Query {
  const one: Parse = (inner) => {
    if (inner.takeIf("(")) return closeGroup(inner, parseOr(inner, one));
    return fieldValue(field, parseValue(inner));
  };
  return one(cursor);
}

function closeGroup(cursor: Cursor, query: Query): Query {
  if (!cursor.takeIf(")")) throw new KqlError("a closing parenthesis is missing", cursor.peek.at);
  return query;
}

interface Value {
  readonly text: string;
  readonly quoted: boolean;
}

/** A quoted text, or words up to the next keyword. */
function parseValue(cursor: Cursor): Value {
  const first = cursor.take();
  if (first.kind === "quoted") return { text: first.text, quoted: true };
  if (first.kind !== "word") throw unexpected(first);
  const words = [first.text];
  while (cursor.peek.kind === "word" && !isComparison(cursor.following)) words.push(cursor.take().text);
  return { text: words.join(" "), quoted: false };
}

function isComparison(token: Token | undefined): boolean {
  return token !== undefined && [":", ">=", ">", "<=", "<"].includes(token.kind);
}

function fieldValue(field: string, { text, quoted }: Value): Query {
  if (quoted) return { match_phrase: { [field]: text } };
  if (text === "*") return { exists: { field } };
  if (text.includes("*")) return { wildcard: { [field]: { value: text } } };
  return { match: { [field]: text } };
}

function freeText({ text, quoted }: Value): Query {
  if (text === "*") return { match_all: {} };
  if (!quoted && text.includes("*")) return { query_string: { query: text } };
  return { multi_match: { query: text, lenient: true, type: quoted ? "phrase" : "best_fields" } };
}

function range(field: string, operator: Token["kind"], value: Token): Query {
  if (value.kind !== "word" && value.kind !== "quoted") throw unexpected(value);
  const key = { ">=": "gte", ">": "gt", "<=": "lte", "<": "lt" }[operator as ">="];
  return { range: { [field]: { [key]: value.text } } };
}

function unexpected(token: Token): KqlError {
  const what = token.kind === "end" ? "the filter ends too early" : `${JSON.stringify(token.text)} is unexpected`;
  return new KqlError(what, token.at);
}
