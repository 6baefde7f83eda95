import type { Diagnostic } from "@falco-efk/rules";
import { describeCode } from "@falco-efk/rules";
import { formatDiagnostics } from "../diagnostics-text.ts";

/** What `-V` prints for files that were loaded together, and whether all of them are right. */
export interface ValidationReport {
  readonly text: string;
  readonly valid: boolean;
}

/** One verdict a file, with all its diagnostics: as text, or as the JSON that Falco prints with `json_output`. */
export function reportValidation(
  files: readonly string[],
  diagnostics: readonly Diagnostic[],
  json: boolean,
): ValidationReport {
  const byFile = Map.groupBy(diagnostics, (diagnostic) => diagnostic.file);
  const valid = !diagnostics.some((diagnostic) => diagnostic.severity === "error");
  if (json) {
    const results = files.map((name) => {
      const own = byFile.get(name) ?? [];
      return {
        name,
        successful: !own.some(isError),
        errors: own.filter(isError).map(asJson),
        warnings: own.filter((diagnostic) => !isError(diagnostic)).map(asJson),
      };
    });
    return { text: `${JSON.stringify({ falco_load_results: results })}\n`, valid };
  }
  const verdicts = files.map((name) => {
    const own = byFile.get(name) ?? [];
    const verdict = own.some(isError) ? "Invalid" : own.length > 0 ? "Ok, with warnings" : "Ok";
    return `${name}: ${verdict}\n${own.length === 0 ? "" : `${formatDiagnostics(own)}\n`}`;
  });
  return { text: verdicts.join(""), valid };
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error";
}

function asJson(diagnostic: Diagnostic): object {
  const { start } = diagnostic.range;
  const place = { name: diagnostic.file, line: start.line, column: start.column, offset: start.offset };
  return {
    code: diagnostic.code,
    codedesc: describeCode(diagnostic.code),
    message: diagnostic.message,
    context: {
      locations: diagnostic.context.map((context) => ({
        item_type: context.itemType,
        item_name: context.itemName,
        position: { ...place, line: context.point.line, column: context.point.column, offset: context.point.offset },
      })),
      snippet: diagnostic.snippet,
    },
  };
}
