import { equalBytes } from "./text.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8");

/** A string literal's content, and its exact bytes where they are not the text's own (`\xff`). */
export interface Unescaped {
  readonly text: string;
  readonly bytes: Uint8Array | null;
}

/** What is wrong with an escape, `index` characters into the literal's content. */
export interface EscapeError {
  readonly error: string;
  readonly index: number;
}

const SIMPLE: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "/": "/",
  // Falco reads a backslash before a space as a backslash, for the sake of old rules.
  " ": "\\",
};

/** Resolves the escapes of a quoted literal's content. */
export function unescapeLiteral(content: string, quote: string): Unescaped | EscapeError {
  if (!content.includes("\\")) return { text: content, bytes: null };
  const chunks: (string | number)[] = [];
  let exactBytes = false;
  for (let i = 0; i < content.length; i++) {
    const char = content[i] as string;
    if (char !== "\\") {
      chunks.push(char);
      continue;
    }
    const next = content[++i] ?? "";
    if (next === "x") {
      const digits = content.slice(i + 1, i + 3);
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) {
        return { error: `'\\x${digits}' needs two hexadecimal digits`, index: i - 1 };
      }
      chunks.push(Number.parseInt(digits, 16));
      exactBytes = true;
      i += 2;
    } else if (next === quote) {
      chunks.push(next);
    } else if (next in SIMPLE) {
      chunks.push(SIMPLE[next] as string);
    } else {
      return { error: `'\\${next}' is not an escape sequence in a ${quote}-quoted string`, index: i - 1 };
    }
  }
  if (!exactBytes) return { text: chunks.join(""), bytes: null };
  const bytes = joinBytes(chunks);
  const text = decoder.decode(bytes);
  return { text, bytes: equalBytes(encoder.encode(text), bytes) ? null : bytes };
}

function joinBytes(chunks: readonly (string | number)[]): Uint8Array {
  const out: number[] = [];
  let run = "";
  for (const chunk of chunks) {
    if (typeof chunk === "string") {
      run += chunk;
      continue;
    }
    out.push(...encoder.encode(run), chunk);
    run = "";
  }
  out.push(...encoder.encode(run));
  return Uint8Array.from(out);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

/** Writes a double-quoted literal that reads back as the same text (or bytes, when given). */
export function quoteLiteral(text: string, bytes: Uint8Array | null): string {
  if (bytes !== null) return `"${Array.from(bytes, escapeByte).join("")}"`;
  const body = text.replace(/[\b\f\n\r\t"\\]/g, (char) => ESCAPES[char] as string);
  // The lexer takes a quote behind a backslash for an escaped one, even when the backslash itself is escaped.
  return `"${body.endsWith("\\\\") ? `${body.slice(0, -2)}\\x5c` : body}"`;
}

function escapeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (byte === 0x5c || byte < 0x20 || byte > 0x7e) return `\\x${byte.toString(16).padStart(2, "0")}`;
  return char === '"' ? '\\"' : char;
}
