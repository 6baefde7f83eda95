import { EVENT_TYPES, isFieldError, severityOf } from "@falco-efk/event";
import { compileRuleset } from "../compile-ruleset.ts";
import type { CachedResolver } from "../filter/cached-resolver.ts";
import { fieldsOf, type Node, visitChecks } from "../filter/node.ts";
import { eventTypesOf, type Simplifier, typeSimplifiers } from "../filter/simplify.ts";
import { type AppendOutput, appendsFor, SUGGESTED_FIELDS, suggestedText } from "../output/append.ts";
import { compileOutput, type OutputFormat } from "../output/format.ts";
import type { Rule, Ruleset } from "../ruleset.ts";
import type { CollectedRule, Collector } from "./collector.ts";
import { ItemError } from "./decode.ts";
import { Definitions, type PlacedProblem, type References } from "./definitions.ts";
import { exceptionCondition } from "./exceptions.ts";
import { JoinedText } from "./scalar.ts";
import { applySelection } from "./selection.ts";
import type { Diagnostics } from "./source-file.ts";
import type { ListInfo, LoadOptions, MacroInfo, RuleInfo } from "./types.ts";

/** A rule that names more than this share of all event types is as good as unrestricted. */
const TOO_MANY_TYPES = (EVENT_TYPES.length * 2) / 3;

export interface Compiled<E> {
  readonly ruleset: Ruleset<E> | null;
  readonly rules: readonly RuleInfo[];
  /** Worked out when asked for: a listing wants them, an engine that starts does not. */
  readonly macros: () => readonly MacroInfo[];
  readonly lists: () => readonly ListInfo[];
}

/** Resolves and compiles everything that was collected. */
export function compileCollected<E>(
  collector: Collector<E>,
  options: LoadOptions<E>,
  resolver: CachedResolver<E>,
  diagnostics: Diagnostics,
): Compiled<E> {
  return new Compiler(collector, options, resolver, diagnostics).compile();
}

class Compiler<E> {
  readonly #collector: Collector<E>;
  readonly #options: LoadOptions<E>;
  readonly #resolver: CachedResolver<E>;
  readonly #diagnostics: Diagnostics;
  readonly #definitions: Definitions<E>;
  readonly #simplifiers: readonly Simplifier<E>[] = typeSimplifiers<E>();

  constructor(collector: Collector<E>, options: LoadOptions<E>, resolver: CachedResolver<E>, diagnostics: Diagnostics) {
    this.#collector = collector;
    this.#options = options;
    this.#resolver = resolver;
    this.#diagnostics = diagnostics;
    this.#definitions = new Definitions(resolver, collector.lists, collector.macros, diagnostics);
  }

  compile(): Compiled<E> {
    this.#checkMacros();
    const infos: RuleInfo[] = [];
    const rules: Rule<E>[] = [];
    const least = severityOf(this.#options.minimumPriority ?? "Debug");
    for (const collected of this.#collector.rules.values()) {
      if (collected.failed || collected.source !== "syscall") continue;
      const compiled = this.#rule(collected, rules.length);
      if (compiled === null) continue;
      infos.push(compiled.info);
      if (compiled.info.enabled && severityOf(collected.priority) <= least) rules.push(compiled.rule);
    }
    this.#warnUnused();
    const ruleset = this.#diagnostics.hasErrors ? null : compileRuleset(rules, this.#options.ruleMatching ?? "first");
    return { ruleset, rules: infos, macros: () => this.#macroInfos(), lists: () => this.#listInfos() };
  }

  /** Every macro must parse and find the macros it names, used or not; its fields are checked when a rule uses it. */
  #checkMacros(): void {
    for (const [name, collected] of this.#collector.macros) {
      if (collected.failed) continue;
      const definition = this.#definitions.macro(name);
      for (const problem of definition.problems) if (problem.structural === true) this.#report(problem);
    }
    this.#definitions.usedMacros.clear();
    for (const [name, collected] of this.#collector.macros) {
      if (!collected.failed)
        for (const used of this.#definitions.macro(name).references.macros) this.#definitions.usedMacros.add(used);
    }
  }

  #report(problem: PlacedProblem): void {
    const { message, place, severity, unsafeNa } = problem;
    if (severity === "error") this.#diagnostics.error("LOAD_ERR_COMPILE_CONDITION", message, place);
    else this.#diagnostics.warning(unsafeNa ? "LOAD_UNSAFE_NA_CHECK" : "LOAD_COMPILE_CONDITION", message, place);
  }

  #rule(collected: CollectedRule, index: number): { readonly info: RuleInfo; readonly rule: Rule<E> } | null {
    const references = { lists: new Set<string>(), macros: new Set<string>() };
    const condition = this.#condition(collected, references);
    const output = this.#output(collected);
    if (condition === null || output === null) return null;
    const types = eventTypesOf(condition, this.#simplifiers);
    if (collected.warnEventTypes && types.length > TOO_MANY_TYPES) {
      const message = `the rule applies to ${types.length} of ${EVENT_TYPES.length} event types and is evaluated for each: name some with evt.type`;
      this.#diagnostics.warning("LOAD_NO_EVTTYPE", message, collected.place);
    }
    this.#warnDeprecated(collected, condition, output.format);
    const info = this.#info(collected, condition, output.format, references, types);
    const dependsOnPath = this.#options.dependsOnPath ?? ((): boolean => false);
    const rule: Rule<E> = {
      index,
      name: collected.name,
      description: collected.description,
      priority: collected.priority,
      source: collected.source,
      tags: info.tags,
      condition,
      conditionText: info.condition,
      output: output.format,
      extraFields: output.extraFields,
      eventTypes: types,
      dependsOnPath: [...fieldsOf(condition).values()].some((field) => dependsOnPath(field.name)),
      capture: collected.capture,
      captureDuration: collected.captureDuration,
    };
    return { info, rule };
  }

  #condition(collected: CollectedRule, references: References): Node<E> | null {
    const text = new JoinedText(collected.condition);
    const main = this.#definitions.resolve(text, Number.POSITIVE_INFINITY, references);
    const problems: PlacedProblem[] = main.problems.map((problem) => ({
      ...problem,
      place: text.placeAt(problem.position.offset),
    }));
    const nodes: (Node<E> | null)[] = [main.node, ...this.#exceptions(collected, references, problems)];
    for (const macro of this.#macrosBelow(references.macros)) problems.push(...this.#definitions.macro(macro).problems);
    const errors = problems.filter((problem) => problem.severity === "error");
    const [first] = errors;
    if (collected.skipIfUnknownFilter && first !== undefined && errors.every((problem) => problem.unknown)) {
      this.#diagnostics.warning("LOAD_UNKNOWN_FILTER", `${first.message}; the rule is skipped`, first.place);
      return null;
    }
    for (const problem of problems) this.#report(problem);
    const whole = nodes.filter((node) => node !== null);
    if (errors.length > 0 || whole.length < nodes.length) return null;
    return whole.length === 1 ? (whole[0] as Node<E>) : { kind: "and", children: whole };
  }

  /** One `not (…)` an exception that has values. */
  #exceptions(collected: CollectedRule, references: References, problems: PlacedProblem[]): (Node<E> | null)[] {
    const nodes: (Node<E> | null)[] = [];
    for (const exception of collected.exceptions) {
      const { place, name } = exception;
      try {
        const condition = exceptionCondition(exception);
        if (condition === null) continue;
        const text = new JoinedText([{ text: condition, place }]);
        const resolved = this.#definitions.resolve(text, Number.POSITIVE_INFINITY, references);
        const placed = resolved.problems.map((one) => ({
          ...one,
          message: `exception '${name}': ${one.message}`,
          place,
        }));
        problems.push(...placed);
        nodes.push(resolved.node === null ? null : { kind: "not", child: resolved.node });
      } catch (error) {
        if (!(error instanceof ItemError)) throw error;
        this.#diagnostics.error("LOAD_ERR_VALIDATE", error.message, error.place);
        nodes.push(null);
      }
    }
    return nodes;
  }

  #macrosBelow(names: Iterable<string>): ReadonlySet<string> {
    const all = new Set<string>(names);
    // A set hands out what is added while it is walked.
    for (const name of all) for (const below of this.#definitions.macro(name).references.macros) all.add(below);
    return all;
  }

  #output(
    collected: CollectedRule,
  ): { readonly format: OutputFormat<E>; readonly extraFields: Rule<E>["extraFields"] } | null {
    const written = new JoinedText(collected.output);
    const appends = appendsFor(collected, this.#options.appendOutput ?? []);
    let text = [written.text, ...appends.flatMap((append) => this.#appendedTexts(append))].join(" ");
    if (text.includes("%container.info")) {
      const message =
        "%container.info is deprecated and gives nothing: container.id and its like are appended by 'suggested_output'";
      this.#diagnostics.warning("LOAD_DEPRECATED_ITEM", message, written.placeAt(text.indexOf("%container.info")));
      text = text.replaceAll("%container.info", "");
    }
    const format = compileOutput(text, this.#resolver);
    if ("error" in format) return this.#outputError(collected, format, written.placeAt(format.index));
    const extraFields: Rule<E>["extraFields"][number][] = [];
    for (const extra of appends.flatMap((append) => append.extraFields ?? [])) {
      const raw = typeof extra === "string";
      const compiled = compileOutput(raw ? `%${extra}` : extra.format, this.#resolver);
      if ("error" in compiled) return this.#outputError(collected, compiled, written.placeAt(0));
      extraFields.push({ name: raw ? extra : extra.name, raw, format: compiled });
    }
    return { format, extraFields };
  }

  #outputError(
    collected: CollectedRule,
    fault: { readonly error: string; readonly unknown: boolean },
    place: CollectedRule["place"],
  ): null {
    if (fault.unknown && collected.skipIfUnknownFilter) {
      this.#diagnostics.warning("LOAD_UNKNOWN_FILTER", `${fault.error}; the rule is skipped`, place);
    } else {
      this.#diagnostics.error("LOAD_ERR_COMPILE_OUTPUT", fault.error, place);
    }
    return null;
  }

  #appendedTexts(append: AppendOutput): readonly string[] {
    const texts = append.extraOutput ? [append.extraOutput] : [];
    if (append.suggestedOutput !== true) return texts;
    const fixed = this.#resolver.definitions.filter((definition) => definition.class === "static");
    const names = [...SUGGESTED_FIELDS, ...fixed.map((definition) => definition.name)];
    const known = names.filter((name) => !isFieldError(this.#resolver.resolve(name, null)));
    return known.length === 0 ? texts : [...texts, suggestedText(known)];
  }

  #warnDeprecated(collected: CollectedRule, condition: Node<E>, output: OutputFormat<E>): void {
    for (const name of output.fieldNames) {
      const access = this.#resolver.resolve(name, null);
      if (isFieldError(access) || access.definition.deprecated !== true) continue;
      const place = new JoinedText(collected.output).placeAt(0);
      this.#diagnostics.warning("LOAD_DEPRECATED_ITEM", `the output shows the deprecated field ${name}`, place);
    }
    for (const [name, definition] of fieldsOf(condition)) {
      if (definition.deprecated !== true) continue;
      const place = new JoinedText(collected.condition).placeAt(0);
      this.#diagnostics.warning("LOAD_DEPRECATED_ITEM", `the condition uses the deprecated field ${name}`, place);
    }
  }

  #info(
    collected: CollectedRule,
    condition: Node<E>,
    output: OutputFormat<E>,
    references: References,
    types: readonly number[],
  ): RuleInfo {
    const tags = [...new Set(collected.tags)].sort();
    return {
      name: collected.name,
      description: collected.description,
      condition: conditionText(collected),
      output: output.text,
      priority: collected.priority,
      source: collected.source,
      tags,
      enabled: applySelection(
        { name: collected.name, tags, enabled: collected.enabled },
        this.#options.selection ?? [],
      ),
      ...where(collected),
      macros: [...references.macros].sort(),
      lists: [...references.lists].sort(),
      ...conditionDetails(condition),
      outputFields: [...output.fieldNames].sort(),
      exceptions: collected.exceptions.map((exception) => exception.name),
      exceptionFields: exceptionFields(collected),
      eventTypes: types.map((type) => EVENT_TYPES[type]?.name as string),
    };
  }

  #warnUnused(): void {
    for (const [name, macro] of this.#collector.macros) {
      if (this.#definitions.usedMacros.has(name) || macro.failed) continue;
      this.#diagnostics.warning("LOAD_UNUSED_MACRO", `no rule or macro uses the macro '${name}'`, macro.place);
    }
    for (const [name, list] of this.#collector.lists) {
      if (!list.failed) this.#definitions.list(name);
    }
    for (const [name, list] of this.#collector.lists) {
      if (this.#definitions.usedLists.has(name) || list.failed) continue;
      this.#diagnostics.warning("LOAD_UNUSED_LIST", `no rule, macro or list uses the list '${name}'`, list.place);
    }
  }

  #macroInfos(): readonly MacroInfo[] {
    const infos: MacroInfo[] = [];
    for (const [name, macro] of this.#collector.macros) {
      if (macro.failed) continue;
      const { node, references, text } = this.#definitions.macro(name);
      infos.push({
        name,
        condition: text.text.trim(),
        used: this.#definitions.usedMacros.has(name),
        ...where(macro),
        macros: [...references.macros].sort(),
        lists: [...references.lists].sort(),
        ...(node === null ? { conditionFields: [], operators: [] } : conditionDetails(node)),
        eventTypes:
          node === null ? [] : eventTypesOf(node, this.#simplifiers).map((type) => EVENT_TYPES[type]?.name as string),
      });
    }
    return infos;
  }

  #listInfos(): readonly ListInfo[] {
    return [...this.#collector.lists.values()]
      .filter((list) => !list.failed)
      .map((list) => ({
        name: list.name,
        items: list.items.map((item) => item.text),
        used: this.#definitions.usedLists.has(list.name),
        ...where(list),
        lists: [...this.#definitions.list(list.name).references].sort(),
      }));
  }
}

function where(item: { readonly place: CollectedRule["place"] }): { readonly file: string; readonly line: number } {
  return { file: item.place.file.name, line: item.place.file.point(item.place.start).line };
}

function conditionDetails<E>(node: Node<E>): Pick<RuleInfo, "conditionFields" | "operators"> {
  const operators = new Set<string>();
  visitChecks(node, (check) => {
    const modifier = check.kind === "check" ? check.modifier : null;
    operators.add(modifier === null ? check.operator : `${check.operator} ${modifier}`);
  });
  return { conditionFields: [...fieldsOf(node).keys()].sort(), operators: [...operators].sort() };
}

function conditionText(collected: CollectedRule): string {
  const written = new JoinedText(collected.condition).text.trim();
  const exceptions = collected.exceptions.map(exceptionCondition).filter((text) => text !== null);
  if (exceptions.length === 0) return written;
  return [`(${written})`, ...exceptions.map((text) => `not (${text})`)].join(" and ");
}

function exceptionFields(collected: CollectedRule): readonly string[] {
  const names = collected.exceptions.flatMap(({ fields }) => {
    if (fields === null) return [];
    return fields.kind === "text" ? [fields.text] : fields.items.map((item) => (item.kind === "text" ? item.text : ""));
  });
  return [...new Set(names)].sort();
}
