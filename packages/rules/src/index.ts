export { type ClauseVerdict, type Explanation, explainRule, explainVerdict } from "./explain.ts";
export { quoteLiteral } from "./filter/escape.ts";
export { KNOWN_EVENT_NAMES } from "./filter/event-names.ts";
export { interpret } from "./filter/interpret.ts";
export { fieldsOf } from "./filter/node.ts";
export {
  type Diagnostic,
  type DiagnosticContext,
  describeCode,
  type ErrorCode,
  type SourcePoint,
  type SourceRange,
  type WarningCode,
} from "./load/diagnostic.ts";
export { fileReadDiagnostic } from "./load/file-read.ts";
export { loadRules } from "./load/load-rules.ts";
export { formatDiagnostic, reportJson, reportText } from "./load/report.ts";
export type {
  ListInfo,
  LoadOptions,
  LoadResult,
  MacroInfo,
  PluginRequirement,
  RuleFile,
  RuleInfo,
  RuleSelection,
} from "./load/types.ts";
export { BUILT_IN_PLUGINS, ENGINE_VERSION } from "./load/versions.ts";
export { type AlertOptions, createAlert } from "./output/alert.ts";
export { type AppendOutput, SUGGESTED_FIELDS } from "./output/append.ts";
export { type DisplayOptions, displayJson, displayText } from "./output/display.ts";
export { compileOutput, type OutputError, type OutputFormat, type ValueReader } from "./output/format.ts";
export { DEFAULT_JSON_OPTIONS, formatJson, formatText, type JsonOptions } from "./output/json.ts";
export { withStaticFields } from "./output/static-fields.ts";
export { formatClockTime, formatIsoOffsetTime, formatIsoTime } from "./output/time.ts";
export { printNode } from "./print-node.ts";
export { accepts, type KernelView } from "./pushdown/accepts.ts";
export { pushdown, pushdownRule } from "./pushdown/pushdown.ts";
export { mergeMatches, type Rule, type RuleMatch, type Ruleset } from "./ruleset.ts";
