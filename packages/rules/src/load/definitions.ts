import { nearest } from "@falco-efk/event";
import type { ValueExpr } from "../filter/ast.ts";
import type { CachedResolver } from "../filter/cached-resolver.ts";
import type { Node } from "../filter/node.ts";
import { parseCondition, parseListItems } from "../filter/parser.ts";
import { type ConditionProblem, type Names, type ResolvedCondition, resolveCondition } from "../filter/typecheck.ts";
import type { CollectedList, CollectedMacro } from "./collector.ts";
import { quoteItem } from "./exceptions.ts";
import { JoinedText } from "./scalar.ts";
import type { Diagnostics, Place } from "./source-file.ts";

/** How deep conditions may nest in a rules file, in rules of the grammar. */
export const MAX_CONDITION_DEPTH = 1000;

const MAX_LIST_ITEMS = 1_000_000;
// Lists are worked in one within the other: deeper than this could run out of stack.
const MAX_LIST_CHAIN = 500;
// Beyond this, evaluating or compiling a chain of macros could run out of stack.
const MAX_MACRO_CHAIN = 500;

/** What a condition refers to: gathered while it is resolved. */
export interface References {
  readonly lists: Set<string>;
  readonly macros: Set<string>;
}

/** A problem with the place it has in a file. */
export interface PlacedProblem extends ConditionProblem {
  readonly place: Place;
}

/** A macro, resolved: its body, and the problems of its own text. */
export interface MacroDefinition<E> {
  readonly name: string;
  readonly collected: CollectedMacro;
  readonly text: JoinedText;
  readonly node: Node<E> | null;
  readonly problems: readonly PlacedProblem[];
  readonly references: References;
  /** Length of the longest chain of macros below it. */
  readonly chain: number;
}

/** A list with the lists it names worked in. */
export interface ListDefinition {
  readonly values: readonly ValueExpr[];
  readonly references: ReadonlySet<string>;
}

/** The lists and macros of a load: resolved when first asked for, once each. */
export class Definitions<E> {
  readonly usedLists: Set<string> = new Set();
  readonly usedMacros: Set<string> = new Set();
  readonly #resolver: CachedResolver<E>;
  readonly #lists: ReadonlyMap<string, CollectedList>;
  readonly #macros: ReadonlyMap<string, CollectedMacro>;
  readonly #diagnostics: Diagnostics;
  readonly #expanded = new Map<string, ListDefinition>();
  readonly #resolved = new Map<string, MacroDefinition<E>>();
  readonly #openLists: string[] = [];
  readonly #openMacros: string[] = [];

  constructor(
    resolver: CachedResolver<E>,
    lists: ReadonlyMap<string, CollectedList>,
    macros: ReadonlyMap<string, CollectedMacro>,
    diagnostics: Diagnostics,
  ) {
    this.#resolver = resolver;
    this.#lists = lists;
    this.#macros = macros;
    this.#diagnostics = diagnostics;
  }

  /** Parses and resolves a condition. `visibleBefore`: macros first mentioned at or behind this are out of sight. */
  resolve(text: JoinedText, visibleBefore: number, references: References): ResolvedCondition<E> {
    const parsed = parseCondition(text.text, MAX_CONDITION_DEPTH);
    if (parsed.ok) return resolveCondition(parsed.value, this.#names(visibleBefore, references));
    const { message, position } = parsed;
    return { node: null, problems: [{ severity: "error", message, position, unknown: false, structural: true }] };
  }

  #names(visibleBefore: number, references: References): Names<E> {
    return {
      resolver: this.#resolver,
      listNames: () => this.#lists.keys(),
      list: (name) => {
        if (!this.#lists.has(name)) return null;
        references.lists.add(name);
        this.usedLists.add(name);
        return this.list(name).values;
      },
      macro: (name) => {
        const collected = this.#macros.get(name);
        if (collected === undefined && this.#diagnostics.incomplete) return "failed";
        if (collected === undefined || collected.first >= visibleBefore) return { error: this.#undefined(name) };
        if (collected.failed) return "failed";
        if (this.#openMacros.includes(name)) {
          const loop = [...this.#openMacros.slice(this.#openMacros.indexOf(name)), name].join(" → ");
          return { error: `the macro '${name}' refers to itself: ${loop}` };
        }
        references.macros.add(name);
        this.usedMacros.add(name);
        if (this.#openMacros.length > MAX_MACRO_CHAIN)
          return { error: `macros refer to macros over ${MAX_MACRO_CHAIN} deep` };
        return this.macro(name).node ?? "failed";
      },
    };
  }

  #undefined(name: string): string {
    if (this.#macros.has(name)) return `the macro '${name}' is defined only behind this place`;
    if (this.#lists.has(name)) return `'${name}' is a list, and a macro or a comparison is expected here`;
    const close = nearest(name, this.#macros.keys());
    return `there is no macro '${name}'${close === null ? "" : `; did you mean '${close}'?`}`;
  }

  /** A macro by its name, which must exist. */
  macro(name: string): MacroDefinition<E> {
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const collected = this.#macros.get(name) as CollectedMacro;
    const text = new JoinedText(collected.condition);
    const references = { lists: new Set<string>(), macros: new Set<string>() };
    this.#openMacros.push(name);
    const { node, problems } = this.resolve(text, collected.last, references);
    this.#openMacros.pop();
    const chain = 1 + Math.max(0, ...[...references.macros].map((macro) => this.#resolved.get(macro)?.chain ?? 0));
    const tooLong = chain > MAX_MACRO_CHAIN;
    const placed = problems.map((problem) => ({ ...problem, place: text.placeAt(problem.position.offset) }));
    if (tooLong) placed.push(this.#chainProblem(text));
    const definition = { name, collected, text, node: tooLong ? null : node, problems: placed, references, chain };
    this.#resolved.set(name, definition);
    return definition;
  }

  #chainProblem(text: JoinedText): PlacedProblem {
    const position = { offset: 0, line: 1, column: 1 };
    const message = `macros refer to macros over ${MAX_MACRO_CHAIN} deep`;
    return { severity: "error", message, position, unknown: false, structural: true, place: text.placeAt(0) };
  }

  /** A list by its name, which must exist. */
  list(name: string): ListDefinition {
    const known = this.#expanded.get(name);
    if (known !== undefined) return known;
    const collected = this.#lists.get(name) as CollectedList;
    const values: ValueExpr[] = [];
    const references = new Set<string>();
    this.#openLists.push(name);
    for (const item of collected.items) {
      this.#expandItem(item.text, item.place, values, references);
      if (values.length <= MAX_LIST_ITEMS) continue;
      this.#diagnostics.error("LOAD_ERR_VALIDATE", `the list has over ${MAX_LIST_ITEMS} items`, collected.place);
      values.length = 0;
      break;
    }
    this.#openLists.pop();
    const definition = { values, references };
    this.#expanded.set(name, definition);
    return definition;
  }

  #expandItem(text: string, place: Place, values: ValueExpr[], references: Set<string>): void {
    const parsed = parseListItems(quoteItem(text));
    if (!parsed.ok) {
      this.#diagnostics.error("LOAD_ERR_COMPILE_CONDITION", `list item '${text}': ${parsed.message}`, place);
      return;
    }
    for (const value of parsed.value) {
      if (value.quoted || !this.#lists.has(value.text)) {
        values.push(value);
      } else if (this.#openLists.includes(value.text)) {
        const loop = [...this.#openLists.slice(this.#openLists.indexOf(value.text)), value.text].join(" → ");
        this.#diagnostics.error("LOAD_ERR_VALIDATE", `the list '${value.text}' holds itself: ${loop}`, place);
      } else if (this.#openLists.length > MAX_LIST_CHAIN) {
        this.#diagnostics.error("LOAD_ERR_VALIDATE", `lists hold lists over ${MAX_LIST_CHAIN} deep`, place);
      } else if (!references.has(value.text)) {
        // A list that is named twice adds nothing the second time.
        references.add(value.text);
        this.usedLists.add(value.text);
        for (const inner of this.list(value.text).values) values.push(inner);
      }
    }
  }
}
