import {
  decodePriority,
  ItemError,
  optionalBoolean,
  optionalCount,
  optionalText,
  optionalTexts,
  requiredText,
  valuePlace,
} from "./decode.ts";
import type { Item, RuleKeys } from "./items.ts";
import { readOverride } from "./override.ts";
import { readExceptions } from "./read-exceptions.ts";
import { type Diagnostics, filePlace, type Place, placeIn, type SourceFile } from "./source-file.ts";
import { normalizeEngineVersion } from "./versions.ts";
import { AliasBudgetError, readItems, type YamlNode } from "./yaml-items.ts";

const APPEND_DEPRECATED =
  "'append' is deprecated: say which key is appended under 'override', such as 'condition: append'";
const ENABLED_DEPRECATED = "a rule with 'enabled' alone is deprecated: add 'override' with 'enabled: replace'";
const APPEND_AND_OVERRIDE = "'append: true' and 'override' cannot stand together; keep 'override'";

/** Reads a rules file: YAML to items. What is wrong is reported, and the items that are right are given. */
export function readRuleFile(file: SourceFile, diagnostics: Diagnostics): readonly Item[] {
  const whole = filePlace(file);
  const items: Item[] = [];
  try {
    for (const node of readItems(file, diagnostics)) readGuarded(node, whole, diagnostics, items);
  } catch (error) {
    if (!(error instanceof AliasBudgetError)) throw error;
    diagnostics.error("LOAD_ERR_YAML_PARSE", error.message, whole);
  }
  return items;
}

function readGuarded(node: YamlNode, whole: Place, diagnostics: Diagnostics, items: Item[]): void {
  try {
    readItem(node, whole, diagnostics, items);
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
    diagnostics.error(error.code, error.message, error.place);
    for (const what of ["list", "macro", "rule"] as const) {
      const name = node.get(what)?.text;
      if (name) items.push({ kind: "failed", what, name, place: error.place });
    }
  }
}

function readItem(node: YamlNode, whole: Place, diagnostics: Diagnostics, items: Item[]): void {
  const entries = node.entries;
  const place = placeIn(whole, "rules content item", "", node.start, node.end);
  if (entries === null) throw new ItemError("each item of a rules file must be a mapping such as '- rule: …'", place);
  const seen = new Set<string>();
  const repeated = entries.find(({ key }) => seen.size === seen.add(key).size);
  if (repeated !== undefined) {
    throw new ItemError(
      `the key '${repeated.key}' stands twice in one item`,
      valuePlace(place, repeated.key, repeated.keyNode),
    );
  }
  if (node.get("required_engine_version") !== null) readEngineVersion(node, whole, diagnostics, items);
  else if (node.get("required_plugin_versions") !== null) readPluginVersions(node, whole, diagnostics, items);
  else if (node.get("list") !== null) readList(node, whole, diagnostics, items);
  else if (node.get("macro") !== null) readMacro(node, whole, diagnostics, items);
  else if (node.get("rule") !== null) readRule(node, whole, diagnostics, items);
  else
    diagnostics.warning("LOAD_UNKNOWN_ITEM", "neither a rule, a macro, a list nor a required version: ignored", place);
}

function warnUnknownKeys(node: YamlNode, known: readonly string[], place: Place, diagnostics: Diagnostics): void {
  for (const { key, keyNode } of node.entries ?? []) {
    if (known.includes(key)) continue;
    const at = valuePlace(place, key, keyNode);
    diagnostics.warning("LOAD_UNKNOWN_KEY", `the key '${key}' is unknown and ignored`, at);
  }
}

function readEngineVersion(node: YamlNode, whole: Place, diagnostics: Diagnostics, items: Item[]): void {
  const place = placeIn(whole, "required_engine_version", "", node.start, node.end);
  const scalar = requiredText(node, "required_engine_version", place);
  const version = normalizeEngineVersion(scalar.text);
  if (version === null) {
    throw new ItemError(`'${scalar.text}' is no version: a number such as 57 or three such as 0.57.0`, scalar.place);
  }
  items.push({ kind: "engine-version", version, place: scalar.place });
  warnUnknownKeys(node, ["required_engine_version"], place, diagnostics);
}

function readPluginVersions(node: YamlNode, whole: Place, diagnostics: Diagnostics, items: Item[]): void {
  const list = node.get("required_plugin_versions") as YamlNode;
  const place = placeIn(whole, "required plugin versions", "", list.start, list.end);
  if (list.items === null) throw new ItemError("'required_plugin_versions' must be a list", place);
  for (const entry of list.items) {
    const plugin = readPlugin(entry, place, "required plugin versions entry");
    const more = entry.get("alternatives");
    if (more !== null && more.items === null) {
      throw new ItemError("'alternatives' must be a list", valuePlace(plugin.place, "alternatives", more));
    }
    const alternatives = (more?.items ?? []).map((one) =>
      readPlugin(one, plugin.place, "required plugin versions alternative"),
    );
    items.push({ kind: "plugin-version", ...plugin, alternatives });
  }
  warnUnknownKeys(node, ["required_plugin_versions"], place, diagnostics);
}

function readPlugin(node: YamlNode, parent: Place, itemType: string): { name: string; version: string; place: Place } {
  const unnamed = placeIn(parent, itemType, "", node.start, node.end);
  if (!node.isMap) throw new ItemError("a plugin's entry must be a mapping with a name and a version", unnamed);
  const name = requiredText(node, "name", unnamed).text;
  const place = placeIn(parent, itemType, name, node.start, node.end);
  return { name, version: requiredText(node, "version", place).text, place };
}

/** The deprecated `append: true`, with its warning. */
function readAppend(node: YamlNode, place: Place, diagnostics: Diagnostics): boolean {
  const append = optionalBoolean(node, "append", place) ?? false;
  if (append) diagnostics.warning("LOAD_DEPRECATED_ITEM", APPEND_DEPRECATED, place);
  return append;
}

function readList(node: YamlNode, whole: Place, diagnostics: Diagnostics, items: Item[]): void {
  const name = requiredText(node, "list", placeIn(whole, "list", "", node.start, node.end)).text;
  const place = placeIn(whole, "list", name, node.start, node.end);
  if (!/^[^()"'\s=,]+$/.test(name)) {
    const message = "a list's name must not hold blanks, quotes, parentheses, commas or '='";
    diagnostics.warning("LOAD_INVALID_LIST_NAME", message, place);
  }
  const texts = optionalTexts(node, "items", place);
  if (texts === null) throw new ItemError(`the list '${name}' has no 'items'`, place);
  const append = readAppend(node, place, diagnostics);
  const override = readOverride(node, ["items"], ["items"], place);
  if (append && override.any) throw new ItemError(APPEND_AND_OVERRIDE, place);
  items.push({ kind: "list", name, items: texts, append: append || override.append.has("items"), place });
  warnUnknownKeys(node, ["list", "items", "append", "override"], place, diagnostics);
}

function readMacro(node: YamlNode, whole: Place, diagnostics: Diagnostics, items: Item[]): void {
  const name = requiredText(node, "macro", placeIn(whole, "macro", "", node.start, node.end)).text;
  const place = placeIn(whole, "macro", name, node.start, node.end);
  if (!/^[a-zA-Z]+[a-zA-Z0-9_]*$/.test(name)) {
    const message = "a macro's name must begin with a letter and hold letters, digits and '_' alone";
    diagnostics.warning("LOAD_INVALID_MACRO_NAME", message, place);
  }
  const condition = requiredText(node, "condition", place, "macro condition");
  const append = readAppend(node, place, diagnostics);
  const override = readOverride(node, ["condition"], ["condition"], place);
  if (append && override.any) throw new ItemError(APPEND_AND_OVERRIDE, place);
  items.push({ kind: "macro", name, condition, append: append || override.append.has("condition"), place });
  warnUnknownKeys(node, ["macro", "condition", "append", "override"], place, diagnostics);
}

const APPENDABLE = ["condition", "output", "desc", "tags", "exceptions"];
const REPLACEABLE = [
  ...APPENDABLE,
  "priority",
  "capture",
  "capture_duration",
  "enabled",
  "warn_evttypes",
  "skip-if-unknown-filter",
];

function readRule(node: YamlNode, whole: Place, diagnostics: Diagnostics, items: Item[]): void {
  const name = requiredText(node, "rule", placeIn(whole, "rule", "", node.start, node.end)).text;
  const place = placeIn(whole, "rule", name, node.start, node.end);
  const append = readAppend(node, place, diagnostics);
  const override = readOverride(node, APPENDABLE, REPLACEABLE, place);
  if (append && override.any) throw new ItemError(APPEND_AND_OVERRIDE, place);
  warnUnknownKeys(node, ["rule", "source", "append", "override", ...REPLACEABLE], place, diagnostics);
  const read = (wanted: (key: string) => boolean, appends: boolean): RuleKeys =>
    readKeys(node, place, wanted, appends, diagnostics);
  if (override.any) {
    checkOverride(node, override, place);
    if (override.append.size > 0) {
      items.push({ kind: "rule", action: "append", name, keys: read((key) => override.append.has(key), true), place });
    }
    if (override.replace.size > 0) {
      items.push({
        kind: "rule",
        action: "replace",
        name,
        keys: read((key) => override.replace.has(key), false),
        place,
      });
    }
  } else if (append) {
    const keys = read((key) => key === "condition" || key === "exceptions", true);
    items.push({ kind: "rule", action: "append", name, keys, place });
  } else if (!["condition", "output", "desc", "priority"].some((key) => node.get(key) !== null)) {
    const keys = read((key) => key === "enabled", false);
    if (keys.enabled === undefined) {
      throw new ItemError("a rule needs 'desc', 'condition', 'output' and 'priority'", place);
    }
    diagnostics.warning("LOAD_DEPRECATED_ITEM", ENABLED_DEPRECATED, place);
    items.push({ kind: "rule", action: "enable", name, keys, place });
  } else {
    for (const key of ["condition", "output", "desc", "priority"]) requiredText(node, key, place);
    items.push({ kind: "rule", action: "define", name, keys: read(() => true, false), place });
  }
}

/** Every overridden key must be there, and every key that could be overridden must say how. */
function checkOverride(node: YamlNode, override: ReturnType<typeof readOverride>, place: Place): void {
  for (const key of [...override.append, ...override.replace]) {
    if (node.get(key) === null) throw new ItemError(`'override' names '${key}', and the rule has no '${key}'`, place);
  }
  for (const { key, keyNode } of node.entries ?? []) {
    if (!REPLACEABLE.includes(key) || override.append.has(key) || override.replace.has(key)) continue;
    throw new ItemError(
      `'override' does not say what is done with '${key}'`,
      valuePlace(place, key, keyNode, "overrides"),
    );
  }
}

function readKeys(
  node: YamlNode,
  place: Place,
  wanted: (key: string) => boolean,
  append: boolean,
  diagnostics: Diagnostics,
): RuleKeys {
  const when = <T>(key: string, read: () => T | null): T | undefined =>
    wanted(key) ? (read() ?? undefined) : undefined;
  const source = node.get("source");
  const keys = {
    condition: when("condition", () => optionalText(node, "condition", place, "rule condition")),
    output: when("output", () => optionalText(node, "output", place, "rule output")),
    description: when("desc", () => optionalText(node, "desc", place)),
    priority: when("priority", () => {
      const scalar = optionalText(node, "priority", place, "rule priority");
      return scalar === null ? null : decodePriority(scalar);
    }),
    source:
      source === null || source.isNull || source.text === "" ? undefined : requiredText(node, "source", place).text,
    tags: when("tags", () => optionalTexts(node, "tags", place)?.map((tag) => tag.text) ?? null),
    enabled: when("enabled", () => optionalBoolean(node, "enabled", place)),
    exceptions: when("exceptions", () => readExceptions(node, place, append, diagnostics)),
    warnEventTypes: when("warn_evttypes", () => optionalBoolean(node, "warn_evttypes", place)),
    skipIfUnknownFilter: when("skip-if-unknown-filter", () => optionalBoolean(node, "skip-if-unknown-filter", place)),
    capture: when("capture", () => optionalBoolean(node, "capture", place)),
    captureDuration: when("capture_duration", () => optionalCount(node, "capture_duration", place)),
  };
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as RuleKeys;
}
