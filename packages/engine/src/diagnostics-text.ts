import { type Diagnostic, describeCode } from "@falco-efk/rules";

/** Diagnostics one after the other: place, code, message, and the line with a caret. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(formatDiagnostic).join("\n");
}

function formatDiagnostic(diagnostic: Diagnostic): string {
  const { line, column } = diagnostic.range.start;
  const head = `${diagnostic.file}:${line}:${column}: ${diagnostic.severity}: ${diagnostic.message} (${diagnostic.code}: ${describeCode(diagnostic.code)})`;
  const inside = diagnostic.context
    .filter((context) => context.itemName !== "")
    .map((context) => `${context.itemType} '${context.itemName}'`);
  const where = inside.length === 0 ? [] : [`  in ${inside.join(", ")}`];
  const snippet =
    diagnostic.snippet === "" ? [] : diagnostic.snippet.split("\n").map((text) => `    ${text}`.trimEnd());
  return [head, ...where, ...snippet].join("\n").trimEnd();
}
