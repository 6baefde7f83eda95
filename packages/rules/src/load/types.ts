import type { FieldResolver, Priority } from "@falco-efk/event";
import type { AppendOutput } from "../output/append.ts";
import type { Ruleset } from "../ruleset.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** One rules file: its name as diagnostics show it, and its whole text. */
export interface RuleFile {
  readonly name: string;
  readonly text: string;
}

/** One step of Falco's `rules:` configuration; steps apply in order. `rule` takes `*` and `?` wildcards, `tag` is exact. */
export interface RuleSelection {
  readonly action: "enable" | "disable";
  readonly rule?: string;
  readonly tag?: string;
}

export interface LoadOptions<E> {
  readonly resolver: FieldResolver<E>;
  /** Says of a field's full name whether its value may change when the event is switched to its other path. Default: none does. */
  readonly dependsOnPath?: (fieldName: string) => boolean;
  /** `first` (default): per event the first matching rule in load order; `all`: every one. */
  readonly ruleMatching?: "first" | "all";
  /** Rules less severe than this are not loaded. Default: Debug, which loads all. */
  readonly minimumPriority?: Priority;
  readonly selection?: readonly RuleSelection[];
  readonly appendOutput?: readonly AppendOutput[];
  /** Plugins that count as present, by name, with their version. Default: the container plugin. */
  readonly plugins?: Readonly<Record<string, string>>;
}

/** A rule as listed by `-L`: every one that loaded, enabled or not. */
export interface RuleInfo {
  readonly name: string;
  readonly description: string;
  /** As written, with appended parts and exceptions worked in, macros and lists by name. */
  readonly condition: string;
  readonly output: string;
  readonly priority: Priority;
  readonly source: string;
  /** Sorted. */
  readonly tags: readonly string[];
  /** After rule selection. */
  readonly enabled: boolean;
  readonly file: string;
  readonly line: number;
  readonly macros: readonly string[];
  readonly lists: readonly string[];
  /** Field names with their arguments, of the condition (macros included). */
  readonly conditionFields: readonly string[];
  readonly outputFields: readonly string[];
  readonly exceptions: readonly string[];
  readonly exceptionFields: readonly string[];
  readonly operators: readonly string[];
  /** Names of the event types the condition can hold for. */
  readonly eventTypes: readonly string[];
}

export interface MacroInfo {
  readonly name: string;
  readonly condition: string;
  readonly used: boolean;
  readonly file: string;
  readonly line: number;
  readonly macros: readonly string[];
  readonly lists: readonly string[];
  readonly conditionFields: readonly string[];
  readonly operators: readonly string[];
  readonly eventTypes: readonly string[];
}

export interface ListInfo {
  readonly name: string;
  readonly items: readonly string[];
  readonly used: boolean;
  readonly file: string;
  readonly line: number;
  readonly lists: readonly string[];
}

export interface PluginRequirement {
  readonly name: string;
  readonly version: string;
  readonly alternatives: readonly { readonly name: string; readonly version: string }[];
}

export interface LoadResult<E> {
  /** Null when any diagnostic is an error. */
  readonly ruleset: Ruleset<E> | null;
  /** In order of the files, then of the place in the file. */
  readonly diagnostics: readonly Diagnostic[];
  readonly rules: readonly RuleInfo[];
  readonly macros: readonly MacroInfo[];
  readonly lists: readonly ListInfo[];
  /** The highest engine version that a file asks for, or null. */
  readonly requiredEngineVersion: string | null;
  readonly requiredPlugins: readonly PluginRequirement[];
}
