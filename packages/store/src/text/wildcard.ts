/** A compiled pattern over whole texts, with the literal start that every match has. */
export interface TextPattern {
  readonly prefix: string;
  readonly matches: (text: string) => boolean;
}

/** `*` any run, `?` one character, `\` takes the next literally. Matching is linear in the text for each `*`. */
export function wildcardPattern(pattern: string, ignoreCase = false): TextPattern {
  const codes: number[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === "*") {
      if (codes.at(-1) !== -1) {
        codes.push(-1);
      }
    } else if (char === "?") {
      codes.push(-2);
    } else {
      const literal = char === "\\" && i + 1 < pattern.length ? (pattern[++i] ?? "") : (char ?? "");
      codes.push((ignoreCase ? literal.toLowerCase() : literal).charCodeAt(0));
    }
  }
  const firstSpecial = codes.findIndex((code) => code < 0);
  const prefix = String.fromCharCode(...codes.slice(0, firstSpecial < 0 ? codes.length : Math.min(firstSpecial, 1000)));
  return {
    prefix: ignoreCase ? "" : prefix,
    matches: (text) => matchCodes(codes, ignoreCase ? text.toLowerCase() : text),
  };
}

function matchCodes(codes: readonly number[], text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    const code = codes[at];
    if (code === -1) {
      star = at++;
      resume = position;
    } else if (code === -2 || code === text.charCodeAt(position)) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else {
      return false;
    }
  }
  while (codes[at] === -1) {
    at++;
  }
  return at === codes.length;
}

/** Escapes a text so that `wildcardPattern` takes it literally. */
export function escapeWildcard(text: string): string {
  return text.replace(/[*?\\]/g, "\\$&");
}
