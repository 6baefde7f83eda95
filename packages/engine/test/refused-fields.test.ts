import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FIELD_DEFINITIONS } from "@falco-efk/fields";
import type { Diagnostic } from "@falco-efk/rules";
import { createFieldBinding } from "../src/event-state.ts";
import { validateRules } from "../src/load-ruleset.ts";
import { configOf, temporaryFolder } from "./support.ts";

const rule = (condition: string, output: string): string =>
  `- rule: Asks\n  desc: d\n  condition: evt.type = openat and ${condition}\n  output: ${output}\n  priority: INFO\n`;

test("a rule that asks for a field which can't be filled is refused with the reason, in its condition, its output and an exception", (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, "rules.yaml");
  const config = configOf();
  const load = (text: string): readonly Diagnostic[] => {
    writeFileSync(file, text);
    const { result } = validateRules({ config, paths: [file], ...createFieldBinding() });
    return result.diagnostics.filter(({ severity }) => severity === "error");
  };
  const refused = FIELD_DEFINITIONS.filter(({ unsupported }) => unsupported !== undefined);
  assert.ok(refused.length >= 50, `${refused.length}`);
  for (const { name, argument, unsupported } of refused) {
    const field = argument === "required-index" ? `${name}[1]` : argument === "required-key" ? `${name}[app]` : name;
    const exception = `  exceptions:\n    - name: e\n      fields: ["${field}"]\n      comps: ["="]\n      values: [[x]]\n`;
    for (const text of [
      rule(`${field} exists`, "o"),
      rule("fd.name = /x", `"%${field}"`),
      rule("fd.name = /x", "o") + exception,
    ]) {
      const errors = load(text);
      assert.ok(
        errors.some(({ message }) => message.includes(`"${name}" can't be filled: ${unsupported}`)),
        `${text}${JSON.stringify(errors)}`,
      );
      assert.deepEqual(
        errors.map(({ file: where, range }) => [where, range.start.line > 0]),
        errors.map(() => [file, true]),
      );
    }
  }
});
