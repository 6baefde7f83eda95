import { type KqlComparison, KqlError, type KqlNode, type KqlText } from "./ast.ts";

const SPECIAL = /[\\():<>"{}*]/;
const COMPARISONS: readonly (readonly [string, KqlComparison])[] = [
  ["<=", "lte"],
  [">=", "gte"],
  ["<", "lt"],
  [">", "gt"],
];

/** Nesting beyond this is refused rather than let overflow the stack. */
const MAX_DEPTH = 100;

/** Parses a KQL query; an empty one matches everything. Throws KqlError. */
export function parseKql(text: string): KqlNode {
  const cursor: Cursor = { text, at: 0, depth: 0 };
  skipSpace(cursor);
  if (cursor.at === text.length) return { type: "all" };
  const node = parseOr(cursor, parseExpression);
  skipSpace(cursor);
  if (cursor.at < text.length) {
    const rest =
      text[cursor.at] === ")" ? "there is no ( that this ) closes" : "expected and, or, or the end of the query";
    throw new KqlError(rest, cursor.at);
  }
  return node;
}

interface Cursor {
  readonly text: string;
  at: number;
  depth: number;
}

type Parser = (cursor: Cursor) => KqlNode;

function parseOr(cursor: Cursor, operand: Parser): KqlNode {
  return parseChain(cursor, "or", (inner) => parseChain(inner, "and", (innermost) => parseNot(innermost, operand)));
}

function parseChain(cursor: Cursor, word: "and" | "or", operand: Parser): KqlNode {
  const first = operand(cursor);
  const nodes = [first];
  while (takeKeyword(cursor, word)) nodes.push(operand(cursor));
  return nodes.length === 1 ? first : { type: word, nodes };
}

function parseNot(cursor: Cursor, operand: Parser): KqlNode {
  skipSpace(cursor);
  if (takeKeyword(cursor, "not")) return { type: "not", node: nest(cursor, () => parseNot(cursor, operand)) };
  if (cursor.text[cursor.at] !== "(") return operand(cursor);
  return parseGroup(cursor, operand);
}

function parseGroup(cursor: Cursor, operand: Parser): KqlNode {
  const open = cursor.at;
  cursor.at += 1;
  const node = nest(cursor, () => parseOr(cursor, operand));
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== ")") throw new KqlError("this ( is not closed", open);
  cursor.at += 1;
  return node;
}

function nest<T>(cursor: Cursor, work: () => T): T {
  cursor.depth += 1;
  if (cursor.depth > MAX_DEPTH) throw new KqlError(`nested deeper than ${MAX_DEPTH} levels`, cursor.at);
  const result = work();
  cursor.depth -= 1;
  return result;
}

function parseExpression(cursor: Cursor): KqlNode {
  const start = cursor.at;
  const name = readText(cursor, "a field or a value");
  skipSpace(cursor);
  const comparison = COMPARISONS.find(([sign]) => cursor.text.startsWith(sign, cursor.at));
  if (comparison !== undefined) {
    cursor.at += comparison[0].length;
    skipSpace(cursor);
    return { type: "range", field: name, comparison: comparison[1], value: readText(cursor, "a value") };
  }
  if (cursor.text[cursor.at] !== ":") return { type: "is", field: null, value: name };
  cursor.at += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.at] === "{") throw new KqlError("nested fields ({ … }) are not supported", cursor.at);
  if (cursor.at === cursor.text.length)
    throw new KqlError(`a value is missing for ${cursor.text.slice(start).trim()}`, cursor.at);
  const value: Parser = (inner) => ({ type: "is", field: name, value: readText(inner, "a value") });
  return cursor.text[cursor.at] === "(" ? parseGroup(cursor, value) : value(cursor);
}

function readText(cursor: Cursor, wanted: string): KqlText {
  skipSpace(cursor);
  return cursor.text[cursor.at] === '"' ? readPhrase(cursor) : readWords(cursor, wanted);
}

function readPhrase(cursor: Cursor): KqlText {
  const open = cursor.at;
  let text = "";
  for (let at = open + 1; at < cursor.text.length; at += 1) {
    const character = cursor.text[at] ?? "";
    if (character === '"') {
      cursor.at = at + 1;
      return { kind: "phrase", text };
    }
    if (character === "\\" && at + 1 < cursor.text.length) {
      at += 1;
      text += unescapeCharacter(cursor.text[at] ?? "", '\\"');
    } else text += character;
  }
  throw new KqlError("this quotation mark is not closed", open);
}

function readWords(cursor: Cursor, wanted: string): KqlText {
  const start = cursor.at;
  const parts = [""];
  const add = (text: string): void => {
    parts[parts.length - 1] += text;
  };
  while (cursor.at < cursor.text.length) {
    const character = cursor.text[cursor.at] ?? "";
    if (/\s/.test(character)) {
      const space = /^\s+/.exec(cursor.text.slice(cursor.at))?.[0] ?? "";
      const next = cursor.at + space.length;
      if (next === cursor.text.length || isKeywordAt(cursor.text, next) || endsWords(cursor.text[next] ?? "")) break;
      add(space);
      cursor.at = next;
    } else if (character === "\\" && cursor.at + 1 < cursor.text.length) {
      const word = /^(?:and|or|not)\b/i.exec(cursor.text.slice(cursor.at + 1))?.[0];
      add(word ?? unescapeCharacter(cursor.text[cursor.at + 1] ?? "", '\\():<>"{}* '));
      cursor.at += 1 + (word?.length ?? 1);
    } else if (character === "*") {
      parts.push("");
      cursor.at += 1;
    } else if (SPECIAL.test(character)) break;
    else {
      add(character);
      cursor.at += 1;
    }
  }
  if (cursor.at === start || (start < cursor.text.length && isKeywordAt(cursor.text, start))) {
    throw new KqlError(`expected ${wanted}`, start);
  }
  return parts.length === 1 ? { kind: "words", text: parts[0] ?? "" } : { kind: "pattern", parts };
}

function endsWords(character: string): boolean {
  return SPECIAL.test(character) && character !== "\\" && character !== "*";
}

/** `\t`, `\r`, `\n` are what they are elsewhere; any other escape that means nothing keeps its backslash. */
function unescapeCharacter(character: string, escapable: string): string {
  const control = { t: "\t", r: "\r", n: "\n" }[character];
  if (control !== undefined) return control;
  return escapable.includes(character) ? character : `\\${character}`;
}

function isKeywordAt(text: string, at: number): boolean {
  return /^(?:and|or|not)(?=[\s("]|$)/i.test(text.slice(at, at + 4));
}

function takeKeyword(cursor: Cursor, word: string): boolean {
  skipSpace(cursor);
  const slice = cursor.text.slice(cursor.at, cursor.at + word.length);
  if (slice.toLowerCase() !== word) return false;
  const after = cursor.text[cursor.at + word.length];
  if (after !== undefined && !/[\s("]/.test(after)) return false;
  cursor.at += word.length;
  return true;
}

function skipSpace(cursor: Cursor): void {
  while (cursor.at < cursor.text.length && /\s/.test(cursor.text[cursor.at] ?? "")) cursor.at += 1;
}
