const LETTER = 1;
const DIGIT = 2;
const UNDERSCORE = 3;
const MID_LETTER = 4;
const MID_NUMBER = 5;
const MID_BOTH = 6;

/** Word-break classes of ASCII (UAX #29). A colon joins letters, a comma and a semicolon join digits. */
const ASCII = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  ASCII[code] = /[A-Za-z]/.test(char)
    ? LETTER
    : /[0-9]/.test(char)
      ? DIGIT
      : char === "_"
        ? UNDERSCORE
        : char === ":"
          ? MID_LETTER
          : char === "," || char === ";"
            ? MID_NUMBER
            : char === "." || char === "'"
              ? MID_BOTH
              : 0;
}

const LONGEST = 255;
// Ideographs and hiragana stand alone; runs of katakana, of other letters and of digits are words.
const WORDS =
  /[\p{Script=Han}\p{Script=Hiragana}]|[\p{Script=Katakana}ー]+|[\p{L}\p{N}\p{M}_](?:[\p{L}\p{N}\p{M}_]|\u200d|\u00ad|(?<=\p{L})[.:'’·](?=\p{L})|(?<=\p{Nd})[.,;'’](?=\p{Nd}))*|\p{Extended_Pictographic}/gu;

/**
 * Splits a text into words as Elasticsearch's standard analyzer does: Unicode word boundaries, lower case, a word of
 * more than 255 characters cut into pieces. The words are given in their order, repeated ones included.
 */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const length = text.length;
  let start = -1;
  let previous = 0;
  for (let i = 0; i <= length; i++) {
    const code = i < length ? text.charCodeAt(i) : 32;
    if (code > 127) {
      return tokenizeUnicode(text);
    }
    const kind = ASCII[code] as number;
    if (kind >= LETTER && kind <= UNDERSCORE) {
      if (start < 0) {
        start = i;
      }
      previous = kind;
      continue;
    }
    if (start < 0) {
      continue;
    }
    if (kind !== 0 && i + 1 < length) {
      const next = ASCII[text.charCodeAt(i + 1)];
      const letters = previous === LETTER && next === LETTER && kind !== MID_NUMBER;
      const digits = previous === DIGIT && next === DIGIT && kind !== MID_LETTER;
      if (letters || digits) {
        continue;
      }
    }
    pushWord(tokens, text, start, i);
    start = -1;
  }
  return tokens;
}

function pushWord(tokens: string[], text: string, start: number, end: number): void {
  let from = start;
  // A word of underscores alone is no word.
  let real = false;
  for (let i = start; i < end && !real; i++) {
    real = text.charCodeAt(i) !== 95;
  }
  if (!real) {
    return;
  }
  while (end - from > LONGEST) {
    tokens.push(text.slice(from, from + LONGEST).toLowerCase());
    from += LONGEST;
  }
  tokens.push(text.slice(from, end).toLowerCase());
}

function tokenizeUnicode(text: string): string[] {
  const tokens: string[] = [];
  for (const match of text.matchAll(WORDS)) {
    pushWord(tokens, match[0], 0, match[0].length);
  }
  return tokens;
}
