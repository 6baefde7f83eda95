/**
 * The error codes of a load, named as Falco names them. `LOAD_ERR_EXTENSION`, like `LOAD_WARNING_EXTENSION`, is for item kinds that a
 * program built around Falco's engine adds: Falco itself raises neither, and nor does this one.
 */
export type ErrorCode =
  | "LOAD_ERR_FILE_READ"
  | "LOAD_ERR_YAML_PARSE"
  | "LOAD_ERR_YAML_VALIDATE"
  | "LOAD_ERR_COMPILE_CONDITION"
  | "LOAD_ERR_COMPILE_OUTPUT"
  | "LOAD_ERR_VALIDATE"
  | "LOAD_ERR_EXTENSION";

/** The warning codes of a load, named as Falco names them. */
export type WarningCode =
  | "LOAD_UNKNOWN_SOURCE"
  | "LOAD_UNSAFE_NA_CHECK"
  | "LOAD_NO_EVTTYPE"
  | "LOAD_UNKNOWN_FILTER"
  | "LOAD_UNUSED_MACRO"
  | "LOAD_UNUSED_LIST"
  | "LOAD_UNKNOWN_ITEM"
  | "LOAD_DEPRECATED_ITEM"
  | "LOAD_WARNING_EXTENSION"
  | "LOAD_APPEND_NO_VALUES"
  | "LOAD_EXCEPTION_NAME_NOT_UNIQUE"
  | "LOAD_INVALID_MACRO_NAME"
  | "LOAD_INVALID_LIST_NAME"
  | "LOAD_COMPILE_CONDITION"
  | "LOAD_UNKNOWN_KEY";

/** A place in a text: the offset counts UTF-16 units from 0, line and column count from 1. */
export interface SourcePoint {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** From the first character to just behind the last. */
export interface SourceRange {
  readonly start: SourcePoint;
  readonly end: SourcePoint;
}

/** One step of the way from the whole file to the place: `rule 'Terminal shell in container'`, then `rule condition`. */
export interface DiagnosticContext {
  readonly itemType: string;
  readonly itemName: string;
  readonly point: SourcePoint;
}

/** What is wrong, or doubtful, in a rules file: data, never thrown. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly code: ErrorCode | WarningCode;
  readonly message: string;
  readonly file: string;
  readonly range: SourceRange;
  /** The line that holds the place (cut to 160 columns) and a caret below it; "" when there is no text to show. */
  readonly snippet: string;
  readonly context: readonly DiagnosticContext[];
}

const MEANING: Readonly<Record<ErrorCode | WarningCode, string>> = {
  LOAD_ERR_FILE_READ: "the file cannot be read",
  LOAD_ERR_YAML_PARSE: "not valid YAML",
  LOAD_ERR_YAML_VALIDATE: "not the structure of a rules file",
  LOAD_ERR_COMPILE_CONDITION: "the condition does not compile",
  LOAD_ERR_COMPILE_OUTPUT: "the output does not compile",
  LOAD_ERR_VALIDATE: "an item is not valid",
  LOAD_ERR_EXTENSION: "an extension item is not valid",
  LOAD_UNKNOWN_SOURCE: "unknown event source",
  LOAD_UNSAFE_NA_CHECK: "unsafe comparison with <NA>",
  LOAD_NO_EVTTYPE: "no restriction on event types",
  LOAD_UNKNOWN_FILTER: "unknown field or event type",
  LOAD_UNUSED_MACRO: "unused macro",
  LOAD_UNUSED_LIST: "unused list",
  LOAD_UNKNOWN_ITEM: "unknown item",
  LOAD_DEPRECATED_ITEM: "deprecated",
  LOAD_WARNING_EXTENSION: "doubtful extension item",
  LOAD_APPEND_NO_VALUES: "appends no values",
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: "exception name used twice",
  LOAD_INVALID_MACRO_NAME: "invalid macro name",
  LOAD_INVALID_LIST_NAME: "invalid list name",
  LOAD_COMPILE_CONDITION: "doubtful condition",
  LOAD_UNKNOWN_KEY: "unknown key",
};

/** All codes with what each means in a few words. */
export const DIAGNOSTIC_CODES: Readonly<Record<ErrorCode | WarningCode, string>> = MEANING;

/** What a code means, in a few words. */
export function describeCode(code: ErrorCode | WarningCode): string {
  return MEANING[code];
}
