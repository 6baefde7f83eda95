import type { FieldResolver } from "@falco-efk/event";
import { UserError } from "@falco-efk/kit";
import {
  type AppendOutput,
  type Diagnostic,
  formatDiagnostic,
  type LoadOptions,
  type LoadResult,
  loadRules,
  type Ruleset,
  withStaticFields,
} from "@falco-efk/rules";
import type { AppendOutputEntry, EngineConfig } from "./config/config.ts";
import { defaultRulesFile } from "./config/defaults.ts";
import type { LoadedFile } from "./engine-view.ts";
import { hashed, type RuleText, readRuleFiles } from "./rule-files.ts";

/** A rule set that is ready, with where it came from. */
export interface LoadedRuleset<E> {
  readonly ruleset: Ruleset<E>;
  readonly result: LoadResult<E>;
  readonly files: readonly LoadedFile[];
  /** Folders that were read: a new file in one of them changes the rules. */
  readonly folders: readonly string[];
  /** What the user should know, such as warnings of the rules files. */
  readonly warnings: readonly string[];
}

/** How to load rules. */
export interface RulesetRequest<E> {
  readonly config: EngineConfig;
  /** Paths of `-r`, in the place of the configuration's; null without `-r`. */
  readonly paths: readonly string[] | null;
  /** Rules that are in no file, to load behind the others. */
  readonly more?: readonly RuleText[];
  readonly resolver: FieldResolver<E>;
  readonly dependsOnPath: (field: string) => boolean;
}

/** Reads and compiles the rules that a configuration asks for. Throws UserError (`RULES_INVALID`, `FILE_READ`, `NO_RULES`) with all faults. */
export function loadRuleset<E>(request: RulesetRequest<E>): LoadedRuleset<E> {
  const { config } = request;
  const found = readRuleFiles(request.paths ?? rulesPathsOf(config), request.paths !== null);
  if (found.files.length === 0) {
    throw new UserError("there are no rules", {
      code: "NO_RULES",
      hint:
        found.missing.length > 0
          ? `none of these is there: ${found.missing.join(", ")}`
          : "name a rules file with -r or in rules_files",
    });
  }
  const result = loadRules([...found.files, ...(request.more ?? [])], optionsOf(request));
  if (result.ruleset === null) {
    const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
    throw new UserError(placesOf(errors), { code: "RULES_INVALID" });
  }
  const warnings = result.diagnostics.filter((diagnostic) => diagnostic.severity === "warning");
  return {
    ruleset: result.ruleset,
    result,
    files: found.files.map(hashed),
    folders: found.folders,
    warnings: [...warnings.map(formatDiagnostic), ...withoutCapture(result.ruleset.rules)],
  };
}

/** One line for all rules that ask for what this engine leaves to the command line. */
function withoutCapture<E>(rules: Ruleset<E>["rules"]): readonly string[] {
  const names = rules.filter((rule) => rule.capture).map((rule) => `"${rule.name}"`);
  if (names.length === 0) return [];
  return [`capture: true has no effect in ${names.join(", ")}: captures are started with --capture`];
}

/** Each fault on its line, and below it the place in the file. */
function placesOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((diagnostic) => [formatDiagnostic(diagnostic), ...diagnostic.snippet.split("\n")].join("\n    ").trimEnd())
    .join("\n");
}

/** Loads rules files to say what is wrong with them, without asking that they be right. Throws UserError (`FILE_READ`). */
export function validateRules<E>(request: RulesetRequest<E> & { readonly paths: readonly string[] }): {
  readonly files: readonly string[];
  readonly result: LoadResult<E>;
} {
  const found = readRuleFiles(request.paths, true);
  return { files: found.files.map((file) => file.name), result: loadRules(found.files, optionsOf(request)) };
}

function optionsOf<E>({ config, resolver, dependsOnPath }: RulesetRequest<E>): LoadOptions<E> {
  return {
    resolver: withStaticFields(resolver, config.static_fields),
    dependsOnPath,
    ruleMatching: config.rule_matching,
    minimumPriority: config.priority,
    selection: config.rules.flatMap(({ enable, disable }) => [
      ...(disable === undefined ? [] : [{ action: "disable" as const, ...disable }]),
      ...(enable === undefined ? [] : [{ action: "enable" as const, ...enable }]),
    ]),
    appendOutput: appendsOf(config),
  };
}

/** The configured rules files, or the suite's own when the configuration names none. */
export function rulesPathsOf(config: EngineConfig): readonly string[] {
  if (config.rules_files.length > 0) return config.rules_files;
  const file = defaultRulesFile();
  return file === null ? [] : [file];
}

/** `append_output` and `static_fields` in the words of the rules package. */
export function appendsOf(config: EngineConfig): AppendOutput[] {
  return config.append_output.map((entry: AppendOutputEntry) => ({
    ...entry.match,
    ...(entry.extra_output === undefined ? {} : { extraOutput: entry.extra_output }),
    ...(entry.extra_fields === undefined
      ? {}
      : {
          extraFields: entry.extra_fields.flatMap((field): (string | { name: string; format: string })[] =>
            typeof field === "string" ? [field] : Object.entries(field).map(([name, format]) => ({ name, format })),
          ),
        }),
    ...(entry.suggested_output === undefined ? {} : { suggestedOutput: entry.suggested_output }),
  }));
}
