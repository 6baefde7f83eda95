import { EVENT_TYPES } from "@falco-efk/event";
import { compareValue } from "../compare.ts";
import type { LiteralCheck, Node, Source } from "../node.ts";
import { type Simplifier, typeSimplifiers } from "../simplify.ts";
import { Code, code, join, Scope } from "./code.ts";
import { GROUP_SIZE, planDispatch } from "./dispatch.ts";
import { buildExpression, type Slots } from "./expression.ts";
import type { ValueIndex } from "./value-index.ts";

/** A condition with the index that a match reports, in the order of evaluation. */
export interface ModuleRule<E> {
  readonly index: number;
  readonly condition: Node<E>;
  /** True where it is to be evaluated again over the event's other path. */
  readonly dependsOnPath: boolean;
}

/** A generated function: gives the indexes of the rules that match; a shared empty array for none. */
export type Evaluate<E> = (event: E) => readonly number[];

export interface CompiledModule<E> {
  /** By event type id; null where no rule can match. */
  readonly shown: readonly (Evaluate<E> | null)[];
  readonly alternative: readonly (Evaluate<E> | null)[];
  /** The text of all, or of the functions that one event type needs. */
  code(type?: number): string;
}

interface Functions<E> {
  readonly shown: (Evaluate<E> | null)[];
  readonly alternative: (Evaluate<E> | null)[];
}

/**
 * Compiles conditions to one JavaScript module. Fields, transformers and macros are functions that remember their value
 * for the event being evaluated, so each is worked out at most once and only when it is asked for. Where many rules demand
 * something of one field, its value says first which of them are worth evaluating.
 *
 * @param indexFrom how many rules of an event type must demand something of a field for it to be read first
 */
export function compileModule<E>(
  rules: readonly ModuleRule<E>[],
  ruleMatching: "first" | "all",
  indexFrom: number = INDEX_FROM,
): CompiledModule<E> {
  const writer = new ModuleWriter<E>(ruleMatching, indexFrom);
  const shown: Code[] = [];
  const alternative: Code[] = [];
  const simplifiers = typeSimplifiers<E>();
  for (const type of EVENT_TYPES) {
    const simplifier = simplifiers[type.id] as Simplifier<E>;
    shown.push(writer.typeFunction(`type_${type.name}`, rules, simplifier));
    const again = rules.filter((rule) => rule.dependsOnPath);
    alternative.push(writer.typeFunction(`path_${type.name}`, again, simplifier));
  }
  const functions = writer.finish<Functions<E>>(shown, alternative);
  return { ...functions, code: (type) => writer.text(type) };
}

// So many rules must ask for a field before its value sorts them out.
const INDEX_FROM = 8;

class ModuleWriter<E> {
  readonly #scope = new Scope();
  readonly #none = this.#scope.constant(Object.freeze([]), "none");
  readonly #only = this.#scope.constant([], "only");
  readonly #parts = new Map<string, string>();
  readonly #bySource = new Map<string, Code>();
  readonly #byBody = new Map<string, Code>();
  readonly #byNode = new Map<Node<E>, Code>();
  readonly #byCheck = new Map<LiteralCheck<E>, Code>();
  readonly #indexes = new Map<string, ValueIndex>();
  readonly #marks: Code[] = [];
  readonly #slots: Slots<E> = {
    scope: this.#scope,
    read: (source) => this.#read(source),
    macro: (name, body) => this.#macro(name, body),
    compare: (check) => this.#compare(check),
  };
  readonly #first: boolean;
  readonly #indexFrom: number;

  constructor(ruleMatching: "first" | "all", indexFrom: number) {
    this.#first = ruleMatching === "first";
    this.#indexFrom = indexFrom;
  }

  typeFunction(name: string, rules: readonly ModuleRule<E>[], simplifier: Simplifier<E>): Code {
    const conditions: Node<E>[] = [];
    const steps: Code[] = [];
    for (const rule of rules) {
      const simple = simplifier.simplify(rule.condition);
      if (simple.kind === "constant" && !simple.value) continue;
      const test = this.#function("rule", simple, false);
      const match = this.#first ? code`return ${rule.index}` : code`found.push(${rule.index})`;
      conditions.push(simple);
      steps.push(code`if ((w & ${1 << (steps.length % GROUP_SIZE)}) !== 0 && ${test}()) ${match};`);
    }
    if (steps.length === 0) return code`null`;
    const { indexes, always } = planDispatch(conditions, this.#indexFrom);
    const possible = indexes.map(({ source, index, key }, number) => {
      const bits = Code.identifier(`possible${number}`);
      const shared = this.#indexes.get(key) ?? index;
      this.#indexes.set(key, shared);
      const constant = this.#scope.constant(shared, "index");
      return { bits, declaration: code`  const ${bits} = ${constant}.find(${this.#read(source)});` };
    });
    const calls = always.map((bits, number) => {
      const group = this.#group(steps.slice(number * GROUP_SIZE, (number + 1) * GROUP_SIZE));
      const word = join([code`${bits}`, ...possible.map((found) => code`${found.bits}[${number}]`)], " | ", code``);
      if (!this.#first) return code`  if ((w = ${word}) !== 0) ${group}(w);`;
      return code`  if ((w = ${word}) !== 0 && (at = ${group}(w)) >= 0) return ${this.#only}[at] ??= [at];`;
    });
    const own = Code.identifier(name);
    // What was found is handed out and so made anew; an empty one is shared, for the caller keeps none.
    const start = this.#first ? code`let at = -1, w = 0;` : code`let w = 0; if (found.length > 0) found = [];`;
    const declarations = possible.map((found) => found.declaration);
    const text = code`function ${own}(next) {
  event = next; ${start}
  if (++turn === 1073741823) restart();
${join([...declarations, ...calls], "\n", code``)}
  return ${this.#first ? this.#none : code`found`};
}`;
    this.#parts.set(own.text, text.text);
    return own;
  }

  /** A function that tries some rules in order, those whose bits are set: types that try the same ones share it. */
  #group(steps: readonly Code[]): Code {
    const body = join(steps, "\n", code``);
    const known = this.#byBody.get(body.text);
    if (known !== undefined) return known;
    const name = this.#name("rules", this.#byBody.size);
    this.#byBody.set(body.text, name);
    this.#parts.set(name.text, code`function ${name}(w) {\n${body}\n  return -1;\n}`.text);
    return name;
  }

  finish<F>(shown: readonly Code[], alternative: readonly Code[]): F {
    const names = (list: readonly Code[]): Code => join(list, ", ", code``);
    // The turn is kept a small integer: the marks start over long before it would outgrow one.
    const marks = join(this.#marks.map((mark) => code`${mark} = `).concat(code`0;`), "\n", code``);
    this.#parts.set("restart", code`function restart() {\n${marks}\n  turn = 1;\n}`.text);
    const text = `var event = null, turn = 0, found = [];\n${[...this.#parts.values()].join("\n")}\n`;
    return this.#scope.evaluate(
      `${text}return { shown: [${names(shown).text}], alternative: [${names(alternative).text}] };`,
    );
  }

  text(type?: number): string {
    if (type === undefined) return [...this.#parts.values()].join("\n");
    const name = EVENT_TYPES[type]?.name;
    const wanted = new Set<string>();
    const visit = (part: string): void => {
      const text = this.#parts.get(part);
      if (text === undefined || wanted.has(part)) return;
      wanted.add(part);
      for (const [, called] of text.matchAll(/\b([a-zA-Z_]\w*)\(/g)) visit(called as string);
    };
    visit(`type_${name}`);
    wanted.delete("restart");
    return [...this.#parts]
      .filter(([part]) => wanted.has(part))
      .map(([, text]) => text)
      .join("\n");
  }

  #read(source: Source<E>): Code {
    if (source.kind === "literal") return this.#scope.constant(source.value, "literal");
    let name = this.#bySource.get(source.key);
    if (name === undefined) {
      name = this.#name(source.kind === "field" ? `field_${source.key}` : "value", this.#bySource.size);
      this.#bySource.set(source.key, name);
      const extract =
        source.kind === "field"
          ? code`${this.#scope.constant(source.access.extract, "extract")}(event)`
          : this.#transform(source.args, source.apply);
      this.#remembered(name, extract, false);
    }
    return code`${name}()`;
  }

  /** One function a check, whichever event types it is compiled for: so these come out as the same code. */
  #compare(check: LiteralCheck<E>): Code {
    let name = this.#byCheck.get(check);
    if (name === undefined) {
      name = this.#scope.constant((value: never) => compareValue(check, value), "check");
      this.#byCheck.set(check, name);
    }
    return name;
  }

  #transform(args: readonly Source<E>[], apply: unknown): Code {
    const function_ = this.#scope.constant(apply, "apply");
    const reads = join(
      args.map((arg) => this.#read(arg)),
      ", ",
      code``,
    );
    return code`(v = [${reads}]).includes(null) ? null : ${function_}(v)`;
  }

  #macro(name: string, body: Node<E>): Code {
    return code`${this.#function(`macro_${name}`, body, true)}()`;
  }

  /** A function for a condition: one for all nodes that come out as the same code. */
  #function(hint: string, node: Node<E>, remember: boolean): Code {
    const known = this.#byNode.get(node);
    if (known !== undefined && remember) return known;
    const expression = buildExpression(node, this.#slots);
    const key = `${remember}:${expression.text}`;
    let name = this.#byBody.get(key);
    if (name === undefined) {
      name = this.#name(hint, this.#byBody.size);
      this.#byBody.set(key, name);
      if (remember) this.#remembered(name, expression, true);
      else this.#parts.set(name.text, code`function ${name}() { let v; return ${expression}; }`.text);
    }
    if (remember) this.#byNode.set(node, name);
    return name;
  }

  #remembered(name: Code, expression: Code, boolean: boolean): void {
    const value = Code.identifier(`${name.text}_value`);
    const mark = Code.identifier(`${name.text}_turn`);
    this.#marks.push(mark);
    const initial = boolean ? code`false` : code`null`;
    // Working it out is a function of its own, so that V8 takes only the short one into each place that asks.
    const work = Code.identifier(`${name.text}_work`);
    const text = code`var ${value} = ${initial}, ${mark} = 0;
function ${name}() { return ${mark} === turn ? ${value} : ${work}(); }
function ${work}() {
  ${mark} = turn; let v;
  return ${value} = ${expression};
}`;
    this.#parts.set(name.text, text.text);
  }

  #name(hint: string, number: number): Code {
    return Code.identifier(`${hint.replace(/\W+/g, "_")}_${number}`);
  }
}
