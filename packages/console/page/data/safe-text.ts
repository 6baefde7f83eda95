/**
 * Characters that would make a value look like something else than it is: control characters, ANSI's escape, marks that
 * turn the direction of text, and those without width.
 */
const DECEIVING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A text with every deceiving character shown by its name: `␛` for control characters, `⟨U+202E⟩` for the rest. */
export function safeText(text: string): string {
  return text.replace(DECEIVING, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** The first `limit` characters, and how many there were when that isn't all. */
export function shorten(text: string, limit: number): { readonly text: string; readonly length: number | null } {
  if (text.length <= limit) return { text, length: null };
  // A cut through a surrogate pair would print a broken character.
  const end = /[\ud800-\udbff]/.test(text[limit - 1] ?? "") ? limit - 1 : limit;
  return { text: text.slice(0, end), length: text.length };
}
