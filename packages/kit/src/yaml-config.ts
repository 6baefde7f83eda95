import { readFileSync } from "node:fs";
import { type Document, LineCounter, parseDocument } from "yaml";
import { describeSystemError, UserError } from "./errors.ts";

/** A parsed configuration text that can tell where each key stands. */
export interface ConfigDocument {
  readonly file: string;
  readonly value: unknown;
  /** Line and column (1-based) of the node at `path`, or of its nearest parent. */
  position(path: readonly (string | number)[]): { readonly line: number; readonly column: number } | null;
}

/** Reads and parses a YAML file. Throws UserError (`FILE_READ`, `YAML_PARSE`). */
export function readConfigDocument(file: string): ConfigDocument {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "FILE_READ", file, cause: error });
  }
  return parseConfigDocument(text, file);
}

/** Parses YAML text. Throws UserError (`YAML_PARSE`) that names the line. */
export function parseConfigDocument(text: string, file: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const first = document.errors[0];
  if (first !== undefined) {
    const { line, col } = lines.linePos(first.pos[0]);
    throw new UserError(first.message, { code: "YAML_PARSE", file, line, column: col });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(message, { code: "YAML_PARSE", file, cause: error });
  }
  return { file, value, position: (path) => positionOf(document, lines, path) };
}

function positionOf(
  document: Document,
  lines: LineCounter,
  path: readonly (string | number)[],
): { line: number; column: number } | null {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
    if (range?.[0] !== undefined) {
      const { line, col } = lines.linePos(range[0]);
      return { line, column: col };
    }
  }
  return null;
}
