type Token =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "char"; readonly code: number }
  | { readonly kind: "set"; readonly matches: (code: number) => boolean };

/** A compiled shell pattern. Time is at worst pattern length × text length: no exponential blow-up. */
export interface Glob {
  readonly pattern: string;
  test(text: string): boolean;
  /** Where the pattern is plain text with stars at its ends alone: the fast forms. */
  readonly plain: { readonly kind: "exact" | "prefix" | "suffix" | "contains"; readonly text: string } | null;
  /** The text before the first wildcard. */
  readonly prefix: string;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[a-zA-Z]/,
  digit: /[0-9]/,
  alnum: /[a-zA-Z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\v\f\r]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  print: /[ -~]/,
  graph: /[!-~]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the class
  cntrl: /[\x00-\x1f\x7f]/,
  xdigit: /[0-9a-fA-F]/,
};

/**
 * Compiles a pattern with the meaning of `fnmatch` without flags: `*` and `?` match any character, `/` and a leading dot
 * included; `[a-z]`, `[!a-z]`, `[[:digit:]]`; a backslash takes the next character literally.
 *
 * @param foldCase ASCII letters match in either case (`iglob`)
 */
export function compileGlob(pattern: string, foldCase = false): Glob {
  const tokens = tokenize(pattern, foldCase);
  const prefix = foldCase ? "" : leadingText(tokens);
  return {
    pattern,
    prefix,
    plain: foldCase ? null : plainForm(tokens),
    test: tokens === null ? () => false : (text) => matches(tokens, text, foldCase),
  };
}

function tokenize(pattern: string, foldCase: boolean): readonly Token[] | null {
  const tokens: Token[] = [];
  const chars = Array.from(pattern);
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string;
    if (char === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (char === "?") {
      tokens.push({ kind: "any" });
    } else if (char === "[") {
      const set = parseSet(chars, i + 1, foldCase);
      if (set === null) {
        tokens.push({ kind: "char", code: 0x5b });
      } else {
        tokens.push({ kind: "set", matches: set.matches });
        i = set.end;
      }
    } else if (char === "\\") {
      // A pattern that ends in a lone backslash matches nothing.
      const next = chars[++i];
      if (next === undefined) return null;
      tokens.push({ kind: "char", code: fold(next.codePointAt(0) as number, foldCase) });
    } else {
      tokens.push({ kind: "char", code: fold(char.codePointAt(0) as number, foldCase) });
    }
  }
  return tokens;
}

interface ParsedSet {
  readonly matches: (code: number) => boolean;
  /** Index of the closing bracket. */
  readonly end: number;
}

function parseSet(chars: readonly string[], start: number, foldCase: boolean): ParsedSet | null {
  const negated = chars[start] === "!" || chars[start] === "^";
  const tests: ((code: number) => boolean)[] = [];
  let i = negated ? start + 1 : start;
  for (let first = true; ; first = false) {
    const char = chars[i];
    if (char === undefined) return null;
    if (char === "]" && !first) break;
    if (char === "[" && chars[i + 1] === ":") {
      const close = chars.indexOf("]", i + 2);
      const name = close > 0 && chars[close - 1] === ":" ? chars.slice(i + 2, close - 1).join("") : "";
      const pattern = CLASSES[name];
      if (pattern !== undefined) {
        tests.push((code) => pattern.test(String.fromCodePoint(code)));
        i = close + 1;
        continue;
      }
    }
    const low = setMember(chars, i);
    if (low === null) return null;
    let high = low;
    if (chars[low.next] === "-" && chars[low.next + 1] !== "]" && chars[low.next + 1] !== undefined) {
      const upper = setMember(chars, low.next + 1);
      if (upper === null) return null;
      high = upper;
    }
    tests.push(rangeTest(low.code, high.code));
    i = high.next;
  }
  const test = (code: number): boolean => tests.some((member) => member(code));
  const folded = foldCase ? (code: number): boolean => test(code) || test(swapCase(code)) : test;
  return { matches: negated ? (code) => !folded(code) : folded, end: i };
}

function setMember(chars: readonly string[], index: number): { readonly code: number; readonly next: number } | null {
  const escaped = chars[index] === "\\";
  const char = chars[escaped ? index + 1 : index];
  return char === undefined ? null : { code: char.codePointAt(0) as number, next: escaped ? index + 2 : index + 1 };
}

function rangeTest(low: number, high: number): (code: number) => boolean {
  return (code) => code >= low && code <= high;
}

function fold(code: number, foldCase: boolean): number {
  return foldCase && code >= 0x41 && code <= 0x5a ? code + 32 : code;
}

function swapCase(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 32;
  return code >= 0x61 && code <= 0x7a ? code - 32 : code;
}

// Goes back to the last star only: an earlier one never needs to take more once a later one was reached.
function matches(tokens: readonly Token[], text: string, foldCase: boolean): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = tokens[token];
    const code = text.codePointAt(at) as number;
    if (current !== undefined && current.kind === "star") {
      starToken = token++;
      starAt = at;
    } else if (current !== undefined && accepts(current, code, foldCase)) {
      token++;
      at += code > 0xffff ? 2 : 1;
    } else if (starToken >= 0) {
      token = starToken + 1;
      starAt += (text.codePointAt(starAt) as number) > 0xffff ? 2 : 1;
      at = starAt;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === "star") token++;
  return token === tokens.length;
}

function accepts(token: Token, code: number, foldCase: boolean): boolean {
  if (token.kind === "char") return token.code === fold(code, foldCase);
  return token.kind === "any" || (token.kind === "set" && token.matches(code));
}

function leadingText(tokens: readonly Token[] | null): string {
  let text = "";
  for (const token of tokens ?? []) {
    if (token.kind !== "char") break;
    text += String.fromCodePoint(token.code);
  }
  return text;
}

function plainForm(tokens: readonly Token[] | null): Glob["plain"] {
  if (tokens === null || tokens.length === 0) return tokens === null ? null : { kind: "exact", text: "" };
  const starFirst = tokens[0]?.kind === "star";
  const starLast = tokens.length > 1 && tokens.at(-1)?.kind === "star";
  const middle = tokens.slice(starFirst ? 1 : 0, starLast ? -1 : undefined);
  if (!middle.every((token) => token.kind === "char")) return null;
  const text = leadingText(middle);
  if (starFirst) return { kind: starLast ? "contains" : "suffix", text };
  return { kind: starLast ? "prefix" : "exact", text };
}
