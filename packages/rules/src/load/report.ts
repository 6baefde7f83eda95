import { type Diagnostic, describeCode } from "./diagnostic.ts";

/** One line a diagnostic: `rules.yaml:12:3: error: message (CODE)`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, range, severity, message, code } = diagnostic;
  return `${file}:${range.start.line}:${range.start.column}: ${severity}: ${message} (${code})`;
}

/** A load's result as text, a file after the other: in short, or with every place shown. */
export function reportText(files: readonly string[], diagnostics: readonly Diagnostic[], verbose: boolean): string {
  return files.map((file) => fileText(file, ofFile(file, diagnostics), verbose)).join("\n");
}

function ofFile(file: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter((diagnostic) => diagnostic.file === file);
}

function bySeverity(diagnostics: readonly Diagnostic[], severity: Diagnostic["severity"]): readonly Diagnostic[] {
  return diagnostics.filter((diagnostic) => diagnostic.severity === severity);
}

function fileText(file: string, diagnostics: readonly Diagnostic[], verbose: boolean): string {
  const errors = bySeverity(diagnostics, "error");
  const warnings = bySeverity(diagnostics, "warning");
  const verdict = errors.length > 0 ? "Invalid" : warnings.length > 0 ? "Ok, with warnings" : "Ok";
  const parts = [`${file}: ${verdict}`];
  for (const [word, some] of [
    ["error", errors],
    ["warning", warnings],
  ] as const) {
    if (some.length === 0) continue;
    const count = `${some.length} ${word}${some.length === 1 ? "" : "s"}`;
    if (verbose) parts.push(`${count}:`, ...some.map(placeText));
    else parts.push(`  ${count}: ${summary(some)}`);
  }
  return parts.join("\n");
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const counts = new Map<string, number>();
  for (const { code } of diagnostics) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => (count === 1 ? code : `${code} ×${count}`)).join(", ");
}

function placeText(diagnostic: Diagnostic): string {
  const way = diagnostic.context
    .map(({ itemType, itemName, point }, index) => {
      const name = itemName === "" ? "" : ` '${itemName}'`;
      return `${index === 0 ? "In " : "    "}${itemType}${name}: (${diagnostic.file}:${point.line}:${point.column})`;
    })
    .join("\n");
  const shown = diagnostic.snippet === "" ? "" : `------\n${diagnostic.snippet}------\n`;
  const { start } = diagnostic.range;
  const at = `${diagnostic.file}:${start.line}:${start.column}`;
  return `${way}\n${shown}${diagnostic.code} (${describeCode(diagnostic.code)}) at ${at}: ${diagnostic.message}\n`;
}

/** A load's result as JSON values, in the shape Falco prints: one object a file. Lines and columns count from 1. */
export function reportJson(files: readonly string[], diagnostics: readonly Diagnostic[]): readonly unknown[] {
  return files.map((file) => {
    const own = ofFile(file, diagnostics);
    return {
      errors: bySeverity(own, "error").map(toJson),
      name: file,
      successful: bySeverity(own, "error").length === 0,
      warnings: bySeverity(own, "warning").map(toJson),
    };
  });
}

function toJson(diagnostic: Diagnostic): unknown {
  const position = ({ line, column, offset }: Diagnostic["range"]["start"]): unknown => ({
    column,
    line,
    name: diagnostic.file,
    offset,
  });
  const locations = diagnostic.context.map(({ itemType, itemName, point }) => ({
    item_name: itemName,
    item_type: itemType,
    position: position(point),
  }));
  return {
    code: diagnostic.code,
    codedesc: describeCode(diagnostic.code),
    context: { locations, snippet: diagnostic.snippet },
    message: diagnostic.message,
    range: { end: position(diagnostic.range.end), start: position(diagnostic.range.start) },
  };
}
