import type { Diagnostic } from "./diagnostic.ts";

/** The diagnostic of a rules file that could not be read; the caller, who reads files, knows why. */
export function fileReadDiagnostic(file: string, reason: string): Diagnostic {
  const point = { offset: 0, line: 1, column: 1 };
  return {
    severity: "error",
    code: "LOAD_ERR_FILE_READ",
    message: `the rules file cannot be read: ${reason}`,
    file,
    range: { start: point, end: point },
    snippet: "",
    context: [{ itemType: "rules content", itemName: "", point }],
  };
}
