import { dirname, resolve } from "node:path";
import { eventTypeByName } from "@falco-efk/event";
import { readConfigDocument, UserError, validateConfig } from "@falco-efk/kit";
import type { Ruleset } from "@falco-efk/rules";
import { type TSchema, Type } from "../json-schema.ts";
import type { FieldTable } from "./field-table.ts";

/** One test of a file: an event as its fields, and the rules that are to match it. */
export interface RuleTest {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Rule names, in any order; empty: none may match. */
  readonly expect: readonly string[];
  /** Text that the first alert's output must hold. */
  readonly output?: string;
}

/** A file of tests; `rules` are relative to it. */
export interface RuleTestFile {
  readonly rules: readonly string[];
  readonly tests: readonly RuleTest[];
}

/** How one test went: null problem means passed. */
export interface RuleTestResult {
  readonly name: string;
  readonly problem: string | null;
}

/** JSON Schema of a file of rule tests. */
export const RULE_TESTS_SCHEMA: TSchema = Type.Object(
  {
    rules: Type.Optional(Type.Array(Type.String(), { default: [], description: "Rules files, relative to this one" })),
    tests: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          fields: Type.Unsafe({
            type: "object",
            required: ["evt.type"],
            properties: { "evt.type": { type: "string" } },
            description: "The event: field names as in conditions, with their values; evt.type at least",
          }),
          expect: Type.Unsafe({
            type: "array",
            items: { type: "string" },
            description: "Names of the rules that match",
          }),
          output: Type.Optional(Type.String({ description: "Text that the first match's output holds" })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);

/** Reads a file of rule tests. Throws UserError with file, line and key. */
export function readRuleTests(file: string): RuleTestFile {
  const document = readConfigDocument(file);
  const content = validateConfig<RuleTestFile>(document, RULE_TESTS_SCHEMA);
  content.tests.forEach((test, index) => {
    const type = String(test.fields["evt.type"]);
    if (eventTypeByName(type) === null) {
      throw new UserError(`${type} is no event type`, {
        code: "CONFIG_INVALID",
        file,
        ...document.position(["tests", index, "fields", "evt.type"]),
        key: `tests[${index}].fields.evt.type`,
        hint: "--list-events lists them",
      });
    }
  });
  return { ...content, rules: content.rules.map((path) => resolve(dirname(file), path)) };
}

/** Runs the tests over a rule set that matches all rules. */
export function runRuleTests(ruleset: Ruleset<FieldTable>, tests: readonly RuleTest[]): RuleTestResult[] {
  return tests.map((test) => ({ name: test.name, problem: problemOf(ruleset, test) }));
}

function problemOf(ruleset: Ruleset<FieldTable>, test: RuleTest): string | null {
  const table: FieldTable = new Map(Object.entries(test.fields));
  const type = eventTypeByName(String(test.fields["evt.type"]));
  const matched = type === null ? [] : [...ruleset.evaluate(table, type.id)];
  const names = matched.map((rule) => rule.name);
  const missing = test.expect.filter((name) => !names.includes(name));
  const surplus = names.filter((name) => !test.expect.includes(name));
  const unknown = missing.filter((name) => !ruleset.rules.some((rule) => rule.name === name));
  if (unknown.length > 0) return `there is no rule ${quoted(unknown)} among the loaded ones`;
  const parts = [
    ...(missing.length === 0 ? [] : [`${quoted(missing)} did not match`]),
    ...(surplus.length === 0 ? [] : [`${quoted(surplus)} matched`]),
  ];
  if (parts.length > 0) return parts.join("; ");
  const text = matched[0]?.output.render(table, { bufferBase64: false });
  if (test.output !== undefined && text?.includes(test.output) !== true) {
    return `the output does not hold "${test.output}": ${text ?? "there is none"}`;
  }
  return null;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
