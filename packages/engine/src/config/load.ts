import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parsePriority } from "@falco-efk/event";
import { type ConfigDocument, readConfigDocument, UserError, validateConfig } from "@falco-efk/kit";
import { coerce } from "./coerce.ts";
import type { EngineConfig } from "./config.ts";
import { defaultConfig } from "./defaults.ts";
import { expandEnvironment } from "./expand-environment.ts";
import { modernise } from "./legacy.ts";
import { type ConfigPlace, type MaxRss, readMaxRss } from "./max-rss.ts";
import { CONFIG_SCHEMA } from "./schema.ts";
import { applyAssignment, type OptionAssignment, parseAssignment } from "./set-option.ts";

type Values = Record<string, unknown>;

const MAX_RSS = ["engine", "max_rss"];

/** Where a configuration comes from. */
export interface ConfigRequest {
  /** The file of `-c`; null: this program's defaults. */
  readonly file: string | null;
  /** Texts of `-o`, in order. */
  readonly assignments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--max-rss`, which wins over `engine.max_rss`. */
  readonly maxRss?: string;
}

/** A configuration that has been read and checked. */
export interface LoadedConfig {
  readonly config: EngineConfig;
  readonly maxRss: MaxRss;
  /** Files that were read, the main one first. */
  readonly files: readonly string[];
  /** Folders of `config_files`: a new file in one of them changes the configuration. */
  readonly folders: readonly string[];
  /** What the user should know; each is said once. */
  readonly warnings: readonly string[];
  /** The merged values before defaults, for `--support`. */
  readonly values: Readonly<Values>;
}

/**
 * Reads, merges and checks a configuration: the file, its `config_files`, then `-o`, with defaults for the rest.
 * Throws UserError with file, line and key.
 */
export function loadConfig(request: ConfigRequest): LoadedConfig {
  const assignments = request.assignments.map(parseAssignment);
  const warnings: string[] = [];
  const files: string[] = [];
  const folders: string[] = [];
  let maxRssAt: ConfigPlace = { file: "-o", key: MAX_RSS.join(".") };
  const read = (file: string): Values => {
    const document = readConfigDocument(file);
    files.push(file);
    if (sets(document.value, MAX_RSS)) maxRssAt = { file, ...document.position(MAX_RSS), key: MAX_RSS.join(".") };
    const { value, warnings: found } = prepare(document, request.environment);
    warnings.push(...found);
    return value;
  };
  const values = request.file === null ? structuredClone(defaultConfig()) : read(request.file);
  for (const assignment of assignments.filter(setsConfigFiles)) applyAssignment(values, assignment);
  for (const { path, strategy } of includesOf(values)) {
    const found = filesOf(path, folders);
    for (const file of found) {
      if (request.file !== null && resolve(file) === resolve(request.file)) {
        throw new UserError("a configuration file can't include itself", {
          code: "CONFIG_INVALID",
          file: request.file,
          key: "config_files",
        });
      }
      merge(values, read(file), strategy, file);
    }
  }
  const given: Values = {};
  for (const assignment of assignments) {
    applyAssignment(values, assignment);
    if (!setsConfigFiles(assignment)) applyAssignment(given, withoutIndexes(assignment));
  }
  if (assignments.length > 0) {
    const { value, warnings: found } = modernise(given, "-o");
    warnings.push(...found);
    check(value, "-o");
  }
  const changed = modernise(values, "-o");
  const config = check(changed.value, request.file ?? "defaults");
  const maxRss =
    request.maxRss === undefined
      ? readMaxRss(config.engine.max_rss, sets(given, MAX_RSS) ? { file: "-o", key: MAX_RSS.join(".") } : maxRssAt)
      : readMaxRss(request.maxRss, { file: "--max-rss", key: MAX_RSS.join(".") });
  return {
    maxRss,
    config: { ...config, priority: parsePriority(config.priority) ?? "Debug" },
    files,
    folders,
    warnings,
    values,
  };
}

function prepare(
  document: ConfigDocument,
  environment: ConfigRequest["environment"],
): { value: Values; warnings: string[] } {
  const { file } = document;
  const raw = document.value ?? {};
  if (typeof raw !== "object" || Array.isArray(raw)) {
    throw new UserError("a configuration is a set of `key: value` lines", { code: "CONFIG_INVALID", file, line: 1 });
  }
  const { value, warnings } = modernise(expandEnvironment(raw, environment) as Values, file);
  const coerced = coerce(value, CONFIG_SCHEMA) as Values;
  validateConfig({ file, value: coerced, position: (path) => document.position(path) }, CONFIG_SCHEMA);
  return { value: coerced, warnings };
}

function check(values: Values, file: string): EngineConfig {
  const document: ConfigDocument = { file, value: coerce(values, CONFIG_SCHEMA), position: () => null };
  return validateConfig<EngineConfig>(document, CONFIG_SCHEMA);
}

function sets(values: unknown, path: readonly string[]): boolean {
  let at = values;
  for (const key of path) at = at !== null && typeof at === "object" ? (at as Values)[key] : undefined;
  return at !== undefined;
}

function setsConfigFiles(assignment: OptionAssignment): boolean {
  const first = assignment.path[0];
  return first !== undefined && "key" in first && first.key === "config_files";
}

/** In the check of the options alone a list starts empty, so each index appends. */
function withoutIndexes(assignment: OptionAssignment): OptionAssignment {
  return { ...assignment, path: assignment.path.map((step) => ("index" in step ? { append: true } : step)) };
}

function includesOf(values: Values): { path: string; strategy: string }[] {
  const { config_files: list } = values;
  const entries = Array.isArray(list) ? list : list === undefined || list === null ? [] : [list];
  return entries.map((entry: unknown) => {
    if (entry !== null && typeof entry === "object" && "path" in entry) {
      const strategy = "strategy" in entry ? String(entry.strategy) : "append";
      return { path: String(entry.path), strategy };
    }
    return { path: String(entry), strategy: "append" };
  });
}

/** The file itself, or the files of a folder in the order of their names; nothing when there is none (as Falco does). */
function filesOf(path: string, folders: string[]): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  folders.push(path);
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

/** Merges an included file: `append` adds to lists and replaces the rest, `override` replaces, `add-only` keeps what is there. */
function merge(values: Values, added: Values, strategy: string, file: string): void {
  for (const [key, item] of Object.entries(added)) {
    if (key === "config_files") {
      throw new UserError("an included configuration file can't include others", {
        code: "CONFIG_INVALID",
        file,
        key: "config_files",
      });
    }
    const before = values[key];
    if (strategy === "add-only" && before !== undefined) continue;
    values[key] = strategy === "append" && Array.isArray(item) && Array.isArray(before) ? [...before, ...item] : item;
  }
}
