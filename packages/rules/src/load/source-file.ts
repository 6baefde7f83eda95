import { findLineStarts, pointIn } from "../filter/scanner.ts";
import type { Diagnostic, DiagnosticContext, ErrorCode, SourcePoint, WarningCode } from "./diagnostic.ts";

const SNIPPET_WIDTH = 160;
// A file this broken says nothing new after so many.
const DIAGNOSTICS_PER_FILE = 200;

/** A rules file's text with its lines counted. */
export class SourceFile {
  readonly name: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.#lineStarts = findLineStarts(text);
  }

  point(offset: number): SourcePoint {
    return pointIn(this.#lineStarts, Math.max(0, Math.min(offset, this.text.length)));
  }

  /** The line that holds the offset, cut to 160 columns around it, and a caret below it. */
  snippet(offset: number): string {
    if (this.text.trim() === "") return "";
    let at = Math.min(offset, this.text.length - 1);
    while (at > 0 && this.text[at] === "\n") at--;
    const { line, column } = this.point(at);
    const start = this.#lineStarts[line - 1] as number;
    const content = this.text.slice(start, this.#lineStarts[line] ?? this.text.length).replace(/[\r\n]+$/, "");
    const from = Math.max(0, column - 1 - SNIPPET_WIDTH / 2);
    const to = Math.min(content.length, from + SNIPPET_WIDTH);
    const shown = `${from > 0 ? "…" : ""}${content.slice(from, to)}${to < content.length ? "…" : ""}`;
    // Tabs and control characters would move the caret away from what it points at.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
    const clean = shown.replace(/[\x00-\x1f\x7f]/g, " ");
    return `${clean}\n${" ".repeat(column - 1 - from + (from > 0 ? 1 : 0))}^\n`;
  }
}

/** A stretch of a file, and the way to it: in which rule, which key. */
export interface Place {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
  readonly context: readonly DiagnosticContext[];
}

/** The whole file. */
export function filePlace(file: SourceFile): Place {
  const step = { itemType: "rules content", itemName: "", point: file.point(0) };
  return { file, start: 0, end: 0, context: [step] };
}

/** A place within another: one step further on the way. */
export function placeIn(parent: Place, itemType: string, itemName: string, start: number, end: number): Place {
  const step = { itemType, itemName, point: parent.file.point(start) };
  return { file: parent.file, start, end, context: [...parent.context, step] };
}

/** Gathers the diagnostics of a load. */
export class Diagnostics {
  readonly #all: Diagnostic[] = [];
  readonly #perFile = new Map<string, number>();
  readonly #seen = new Set<string>();

  error(code: ErrorCode, message: string, place: Place): void {
    this.#add("error", code, message, place);
  }

  warning(code: WarningCode, message: string, place: Place): void {
    this.#add("warning", code, message, place);
  }

  /** True when some file was not valid YAML: then part of what others refer to was never read. */
  get incomplete(): boolean {
    return this.#all.some((diagnostic) => diagnostic.code === "LOAD_ERR_YAML_PARSE");
  }

  get hasErrors(): boolean {
    return this.#all.some((diagnostic) => diagnostic.severity === "error");
  }

  /** In order of the files, then of the place. */
  sorted(fileNames: readonly string[]): readonly Diagnostic[] {
    const order = new Map(fileNames.map((name, index) => [name, index]));
    const rank = (diagnostic: Diagnostic): number => order.get(diagnostic.file) ?? fileNames.length;
    return this.#all.toSorted((a, b) => rank(a) - rank(b) || a.range.start.offset - b.range.start.offset);
  }

  #add(severity: Diagnostic["severity"], code: Diagnostic["code"], message: string, place: Place): void {
    const key = `${place.file.name}:${place.start}:${code}:${message}`;
    const count = this.#perFile.get(place.file.name) ?? 0;
    // An error is always taken in when it is the file's first: it decides whether the file is good.
    if (this.#seen.has(key) || (count >= DIAGNOSTICS_PER_FILE && (severity === "warning" || this.hasErrors))) return;
    this.#seen.add(key);
    this.#perFile.set(place.file.name, count + 1);
    this.#all.push({
      severity,
      code,
      message,
      file: place.file.name,
      range: { start: place.file.point(place.start), end: place.file.point(place.end) },
      snippet: place.file.snippet(place.start),
      context: place.context,
    });
  }
}
