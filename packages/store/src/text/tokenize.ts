const LETTER = 1;
const DIGIT = 2;
const UNDERSCORE = 3;
const MID_LETTER = 4;
const MID_NUMBER = 5;
const MID_BOTH = 6;

/** Characters from here on are not ASCII. */
export const ASCII_CLASSES = 128;

/** Word-break classes of ASCII (UAX #29). A colon joins letters, a comma and a semicolon join digits. */
const ASCII = new Uint8Array(ASCII_CLASSES);
for (let code = 0; code < ASCII_CLASSES; code++) {
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
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= ASCII_CLASSES) {
      return tokenizeUnicode(text);
    }
  }
  const tokens: string[] = [];
  eachAsciiWord(text, (from, to) => tokens.push(text.slice(from, to).toLowerCase()));
  return tokens;
}

/** Calls back with the bounds of each word of a text in which every character is ASCII. */
export function eachAsciiWord(text: string, visit: (from: number, to: number) => void): void {
  const length = text.length;
  let start = -1;
  let previous = 0;
  for (let i = 0; i <= length; i++) {
    const kind = i < length ? (ASCII[text.charCodeAt(i)] as number) : 0;
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
    cutWord(text, start, i, visit);
    start = -1;
  }
}

function cutWord(text: string, start: number, end: number, visit: (from: number, to: number) => void): void {
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
    visit(from, from + LONGEST);
    from += LONGEST;
  }
  visit(from, end);
}

function tokenizeUnicode(text: string): string[] {
  const tokens: string[] = [];
  for (const match of text.matchAll(WORDS)) {
    const [word] = match;
    cutWord(word, 0, word.length, (from, to) => tokens.push(word.slice(from, to).toLowerCase()));
  }
  return tokens;
}
