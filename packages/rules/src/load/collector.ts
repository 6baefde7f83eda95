import type { FieldResolver, Priority } from "@falco-efk/event";
import { parseOperandPrefix } from "../filter/parser.ts";
import { resolveOperand } from "../filter/sources.ts";
import { ItemError } from "./decode.ts";
import { addExceptions, validateException } from "./exceptions.ts";
import type { ExceptionItem, Item } from "./items.ts";
import type { ScalarText } from "./scalar.ts";
import type { Diagnostics, Place } from "./source-file.ts";
import { compareVersions, ENGINE_VERSION, isCompatible, isVersion } from "./versions.ts";

/** Where a definition stands among all: `first` by its first mention, `last` by its last. A macro sees macros first mentioned before its last. */
interface Ordered {
  readonly first: number;
  last: number;
  place: Place;
  /** Its own definition has errors that were reported. */
  failed: boolean;
}

export interface CollectedList extends Ordered {
  readonly name: string;
  items: ScalarText[];
}

export interface CollectedMacro extends Ordered {
  readonly name: string;
  /** The parts, in the order they were appended. */
  condition: ScalarText[];
}

export interface CollectedRule extends Ordered {
  readonly name: string;
  /** The parts, in the order they were appended. */
  condition: ScalarText[];
  output: ScalarText[];
  description: string;
  priority: Priority;
  source: string;
  tags: readonly string[];
  enabled: boolean;
  exceptions: readonly ExceptionItem[];
  warnEventTypes: boolean;
  skipIfUnknownFilter: boolean;
  capture: boolean;
  captureDuration: number;
}

interface PluginRequirement {
  readonly name: string;
  readonly version: string;
  readonly alternatives: readonly { readonly name: string; readonly version: string }[];
}

export interface CollectorOptions<E> {
  readonly resolver: FieldResolver<E>;
  readonly plugins: Readonly<Record<string, string>>;
  readonly diagnostics: Diagnostics;
}

/** The item changes another one that does not exist. */
class MissingError extends ItemError {}

type RuleItem = Extract<Item, { kind: "rule" }>;

/** Merges the items of all files in order: a later definition replaces an earlier one in its position; appends and overrides change it. */
export class Collector<E> {
  readonly lists: Map<string, CollectedList> = new Map();
  readonly macros: Map<string, CollectedMacro> = new Map();
  readonly rules: Map<string, CollectedRule> = new Map();
  readonly plugins: PluginRequirement[] = [];
  engineVersion: string | null = null;
  readonly #options: CollectorOptions<E>;
  #count = 0;

  constructor(options: CollectorOptions<E>) {
    this.#options = options;
  }

  /** Takes one item in; what is wrong with it is reported. */
  add(item: Item): void {
    try {
      this.#add(item);
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      if (!(error instanceof MissingError && this.#options.diagnostics.incomplete)) {
        this.#options.diagnostics.error("LOAD_ERR_VALIDATE", error.message, error.place);
      }
      if (item.kind === "rule" && item.action === "define") this.#fail("rule", item.name, item.place);
    }
  }

  #add(item: Item): void {
    switch (item.kind) {
      case "engine-version":
        this.#requireEngine(item.version, item.place);
        break;
      case "plugin-version":
        this.#requirePlugin(item);
        break;
      case "list":
        this.#addList(item);
        break;
      case "macro":
        this.#addMacro(item);
        break;
      case "rule":
        this.#addRule(item);
        break;
      case "failed":
        this.#fail(item.what, item.name, item.place);
        break;
    }
  }

  /** A bad definition still takes its name, so that what refers to it is not reported as well. */
  #fail(what: "list" | "macro" | "rule", name: string, place: Place): void {
    const order = { first: this.#count, last: this.#count++, place, failed: true };
    const known = { list: this.lists, macro: this.macros, rule: this.rules }[what].get(name);
    if (known !== undefined) known.failed = true;
    else if (what === "list") this.lists.set(name, { ...order, name, items: [] });
    else if (what === "macro") this.macros.set(name, { ...order, name, condition: [] });
    else this.rules.set(name, { ...order, ...RULE_DEFAULTS, name, condition: [], output: [] });
  }

  #requireEngine(version: string, place: Place): void {
    if (!isCompatible(ENGINE_VERSION, version)) {
      throw new ItemError(`the rules need engine version ${version}, and this engine has ${ENGINE_VERSION}`, place);
    }
    if (this.engineVersion === null || compareVersions(this.engineVersion, version) < 0) this.engineVersion = version;
  }

  #requirePlugin(item: Extract<Item, { kind: "plugin-version" }>): void {
    const all = [{ name: item.name, version: item.version }, ...item.alternatives];
    const invalid = all.find((one) => !isVersion(one.version));
    if (invalid !== undefined) {
      throw new ItemError(`'${invalid.version}' is no version for the plugin '${invalid.name}'`, item.place);
    }
    if (new Set(all.map((one) => one.name)).size < all.length) {
      throw new ItemError(`a plugin stands twice among the alternatives to '${item.name}'`, item.place);
    }
    this.plugins.push({ name: item.name, version: item.version, alternatives: item.alternatives });
    const served = all.some(({ name, version }) => {
      const available = this.#options.plugins[name];
      return available !== undefined && isCompatible(available, version);
    });
    if (served) return;
    const wanted = all.map((one) => `${one.name} ${one.version}`).join(" or ");
    throw new ItemError(`the rules need the plugin ${wanted}, which this engine does not have`, item.place);
  }

  #addList(item: Extract<Item, { kind: "list" }>): void {
    const known = this.lists.get(item.name);
    const order = this.#count++;
    if (item.append) {
      if (known === undefined) throw new MissingError(`there is no list '${item.name}' yet to append to`, item.place);
      for (const one of item.items) known.items.push(one);
      known.last = order;
    } else if (known !== undefined) {
      Object.assign(known, { items: [...item.items], last: order, place: item.place, failed: false });
    } else {
      this.lists.set(item.name, { ...fresh(order, item.place), name: item.name, items: [...item.items] });
    }
  }

  #addMacro(item: Extract<Item, { kind: "macro" }>): void {
    const known = this.macros.get(item.name);
    const order = this.#count++;
    if (item.append) {
      if (known === undefined) throw new MissingError(`there is no macro '${item.name}' yet to append to`, item.place);
      known.condition.push(item.condition);
      known.last = order;
    } else {
      const condition = [item.condition];
      if (known === undefined) this.macros.set(item.name, { ...fresh(order, item.place), name: item.name, condition });
      else Object.assign(known, { condition, last: order, place: item.place, failed: false });
    }
  }

  #addRule(item: RuleItem): void {
    const known = this.rules.get(item.name);
    const { keys, name, place } = item;
    const source = item.action === "define" ? (keys.source ?? "syscall") : keys.source;
    if (known !== undefined && !known.failed && source !== undefined && source !== known.source) {
      throw new ItemError(`the rule '${name}' was defined for source '${known.source}', not '${source}'`, place);
    }
    if (item.action === "define") {
      this.#define(item, source as string);
      return;
    }
    if (known === undefined) throw new MissingError(`there is no rule '${name}' yet to change`, place);
    if (item.action === "enable") known.enabled = keys.enabled ?? true;
    else if (Object.keys(keys).filter((key) => key !== "source").length === 0) {
      throw new ItemError("a rule that is appended to needs a condition or exceptions", place);
    } else if (item.action === "append") this.#append(known, item);
    else this.#replace(known, item);
    known.last = this.#count++;
  }

  #define(item: RuleItem, source: string): void {
    const { keys, name, place } = item;
    if (source !== "syscall") {
      const message = `this engine has no event source '${source}': the rule is ignored`;
      this.#options.diagnostics.warning("LOAD_UNKNOWN_SOURCE", message, place);
    }
    const order = this.#count++;
    const known = this.rules.get(name);
    const exceptions = (keys.exceptions ?? []).map((exception) => this.#checked(exception, source));
    const { condition, output, description, ...rest } = keys;
    const rule: CollectedRule = {
      ...RULE_DEFAULTS,
      ...rest,
      first: known?.first ?? order,
      last: order,
      place,
      failed: false,
      name,
      source,
      condition: [condition as ScalarText],
      output: [trimmed(output as ScalarText)],
      description: description?.text ?? "",
      exceptions,
    };
    this.rules.set(name, rule);
  }

  #append(rule: CollectedRule, { keys }: RuleItem): void {
    if (keys.condition !== undefined) rule.condition.push(keys.condition);
    if (keys.output !== undefined) rule.output.push(keys.output);
    if (keys.description !== undefined) rule.description += ` ${keys.description.text}`;
    if (keys.tags !== undefined) rule.tags = [...rule.tags, ...keys.tags];
    for (const exception of keys.exceptions ?? []) {
      rule.exceptions = addExceptions(rule.exceptions, exception, (one) => this.#checked(one, rule.source));
    }
  }

  #replace(rule: CollectedRule, { keys }: RuleItem): void {
    const { condition, output, description, exceptions, source: _, ...rest } = keys;
    Object.assign(rule, rest);
    if (condition !== undefined) rule.condition = [condition];
    if (output !== undefined) rule.output = [output];
    if (description !== undefined) rule.description = description.text;
    if (exceptions !== undefined) rule.exceptions = exceptions.map((one) => this.#checked(one, rule.source));
  }

  #checked(exception: ExceptionItem, source: string): ExceptionItem {
    return validateException(exception, (field) => {
      if (source !== "syscall") return null;
      const parsed = parseOperandPrefix(field);
      if (!parsed.ok || parsed.value.length !== field.length) return `'${field}' is no field`;
      const resolved = resolveOperand(parsed.value.operand, this.#options.resolver);
      return "error" in resolved ? resolved.error : null;
    });
  }
}

const RULE_DEFAULTS: Omit<CollectedRule, keyof Ordered | "name" | "condition" | "output"> = {
  description: "",
  priority: "Debug",
  source: "syscall",
  tags: [],
  enabled: true,
  exceptions: [],
  warnEventTypes: true,
  skipIfUnknownFilter: false,
  capture: false,
  captureDuration: 0,
};

function fresh(order: number, place: Place): Ordered {
  return { first: order, last: order, place, failed: false };
}

function trimmed(scalar: ScalarText): ScalarText {
  return { text: scalar.text.trim(), place: scalar.place };
}
