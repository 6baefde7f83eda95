import type { Place } from "./source-file.ts";

/** A text value of a rules file, and where it stands. */
export interface ScalarText {
  readonly text: string;
  readonly place: Place;
}

/**
 * The place in the file of an offset into a scalar's value. The value differs from the source in blanks (folding,
 * indentation) and escapes alone, so both are walked side by side.
 */
export function placeWithin(scalar: ScalarText, offset: number): Place {
  const { file, start, end } = scalar.place;
  const source = file.text;
  let at = bodyStart(source, start);
  for (let i = 0; i < offset && i < scalar.text.length; i++) {
    const char = scalar.text[i] as string;
    if (isBlank(char)) continue;
    at = findFrom(source, at, end, char) + 1;
  }
  if (offset < scalar.text.length && !isBlank(scalar.text[offset] as string)) {
    at = findFrom(source, at, end, scalar.text[offset] as string);
  }
  return { ...scalar.place, start: Math.min(at, end), end: Math.min(at + 1, end) };
}

/** Behind the opening quote, or behind the header of a block scalar (`>`, `|-`). */
function bodyStart(source: string, start: number): number {
  const char = source[start];
  if (char === '"' || char === "'") return start + 1;
  if (char !== ">" && char !== "|") return start;
  const lineEnd = source.indexOf("\n", start);
  return lineEnd < 0 ? source.length : lineEnd + 1;
}

function findFrom(source: string, from: number, end: number, char: string): number {
  const found = source.indexOf(char, from);
  return found < 0 || found > end ? from : found;
}

function isBlank(char: string): boolean {
  return char === " " || char === "\n" || char === "\t" || char === "\r";
}

/** A text put together from several values of the file, joined by one blank each: what `append` makes. */
export class JoinedText {
  readonly parts: readonly ScalarText[];
  readonly text: string;

  constructor(parts: readonly ScalarText[]) {
    this.parts = parts;
    this.text = parts.map((part) => part.text).join(" ");
  }

  /** The place in the file of an offset into the joined text. */
  placeAt(offset: number): Place {
    let rest = offset;
    for (const part of this.parts) {
      if (rest <= part.text.length) return placeWithin(part, rest);
      rest -= part.text.length + 1;
    }
    const last = this.parts.at(-1) as ScalarText;
    return placeWithin(last, last.text.length);
  }
}
