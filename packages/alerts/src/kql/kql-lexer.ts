/** A piece of a filter. `at` is the offset of its first character. */
export interface Token {
  readonly kind: "word" | "quoted" | "(" | ")" | ":" | ">=" | ">" | "<=" | "<" | "and" | "or" | "not" | "end";
  readonly text: string;
  readonly at: number;
}

/** A filter that isn't KQL. `at` is where it goes wrong. */
export class KqlError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(`${message} at column ${at + 1}`);
    this.name = "KqlError";
    this.at = at;
  }
}

const OPERATORS = [">=", "<=", ">", "<", ":", "(", ")"] as const;

/** Splits a filter into tokens; the last is `end`. A backslash takes the next character as it is. Throws KqlError. */
export function lexKql(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] as string;
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const operator = OPERATORS.find((candidate) => text.startsWith(candidate, at));
    if (operator !== undefined) {
      tokens.push({ kind: operator, text: operator, at });
      at += operator.length;
      continue;
    }
    const token = character === '"' ? quoted(text, at) : word(text, at);
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

function quoted(text: string, start: number): { token: Token; end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\" && at + 1 < text.length) {
      at += 1;
      value += text[at];
    } else if (text[at] === '"') {
      return { token: { kind: "quoted", text: value, at: start }, end: at + 1 };
    } else {
      value += text[at];
    }
  }
  throw new KqlError("the quotation mark has no partner", start);
}

function word(text: string, start: number): { token: Token; end: number } {
  let value = "";
  let at = start;
  while (at < text.length && !/[\s()":<>]/.test(text[at] as string)) {
    if (text[at] === "\\" && at + 1 < text.length) at += 1;
    value += text[at];
    at += 1;
  }
  const lower = text.slice(start, at).toLowerCase();
  const kind = lower === "and" || lower === "or" || lower === "not" ? lower : "word";
  return { token: { kind, text: value, at: start }, end: at };
}
