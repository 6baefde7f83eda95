import { PRIORITIES } from "@falco-efk/event";
import { type TSchema, Type } from "../json-schema.ts";

const text = (description: string): TSchema => Type.String({ description });
const flag = (description: string): TSchema => Type.Boolean({ description });
const names = (description: string): TSchema => Type.Array(Type.String(), { description });
const scalar = Type.Unsafe({ type: ["string", "number", "boolean"] });
const change = Type.Unsafe({ type: "string", enum: ["append", "replace"] });

function item(description: string, required: Record<string, TSchema>, optional: Record<string, TSchema>): TSchema {
  const extra = Object.fromEntries(Object.entries(optional).map(([key, schema]) => [key, Type.Optional(schema)]));
  return Type.Object({ ...required, ...extra }, { additionalProperties: false, description });
}

const overrides = (keys: readonly string[]): TSchema =>
  Type.Object(Object.fromEntries(keys.map((key) => [key, Type.Optional(change)])), {
    additionalProperties: false,
    description: "Which keys are appended to and which replace the ones of the item of that name",
  });

const exception = item(
  "Where the rule is not to match",
  { name: text("Unique within the rule") },
  {
    fields: Type.Unsafe({ type: ["string", "array"], items: { type: "string" }, description: "One field, or several" }),
    comps: Type.Unsafe({
      type: ["string", "array"],
      items: { type: "string" },
      description: "An operator for each field",
    }),
    values: Type.Unsafe({ type: "array", description: "What the fields are compared with" }),
  },
);

const priorities = PRIORITIES.flatMap((name) => [name, name.toUpperCase(), name.toLowerCase()]);

const rule = item(
  "A rule; the keys that are needed are needed only where it's first defined",
  { rule: text("Its name") },
  {
    desc: text("What it detects"),
    condition: text("When it matches"),
    output: text("What an alert says; %field is replaced by its value"),
    priority: Type.Unsafe({ type: "string", enum: [...priorities, "Info", "INFO", "info"] }),
    source: text("The event source: syscall"),
    enabled: flag("False: it's loaded and not evaluated"),
    tags: names("Words to select rules by"),
    exceptions: Type.Array(exception),
    warn_evttypes: flag("Warn when the condition names no event type"),
    "skip-if-unknown-filter": flag("Leave the rule out, in the place of an error, when it names an unknown field"),
    capture: flag("Start a capture with each alert"),
    capture_duration: Type.Integer({ minimum: 0, description: "Milliseconds" }),
    append: flag("Deprecated: use override"),
    override: overrides([
      "condition",
      "output",
      "desc",
      "tags",
      "exceptions",
      "priority",
      "enabled",
      "warn_evttypes",
      "skip-if-unknown-filter",
      "capture",
      "capture_duration",
    ]),
  },
);

const macro = item(
  "A named part of conditions",
  { macro: text("Its name"), condition: text("What it stands for") },
  { append: flag("Deprecated: use override"), override: overrides(["condition"]) },
);

const list = item(
  "A named list of values",
  { list: text("Its name"), items: Type.Array(scalar) },
  { append: flag("Deprecated: use override"), override: overrides(["items"]) },
);

const version = item(
  "The oldest engine that can load this file",
  { required_engine_version: Type.Unsafe({ type: ["string", "integer"] }) },
  {},
);

const plugin = { name: text("The plugin"), version: text("Its oldest version") };
const plugins = item(
  "Plugins that this file needs",
  {
    required_plugin_versions: Type.Array(
      item("A plugin", plugin, { alternatives: Type.Array(item("Another", plugin, {})) }),
    ),
  },
  {},
);

/** JSON Schema of a rules file, for editors. What it can't say (conditions, references) `-V` checks. */
export const RULE_SCHEMA: TSchema = Type.Unsafe({
  $id: "falco-engine-rules.schema.json",
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Falco rules file",
  type: "array",
  items: { anyOf: [rule, macro, list, version, plugins] },
});
