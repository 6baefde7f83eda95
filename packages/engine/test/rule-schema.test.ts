import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { validateConfig } from "@falco-efk/kit";
import { parse } from "yaml";
import { RULE_SCHEMA } from "../src/commands/rule-schema.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const stock = join(root, "../shared/stock-rules");

function check(text: string, file: string): void {
  validateConfig({ file, value: parse(text), position: () => null }, RULE_SCHEMA);
}

test("the schema that editors use takes every rules file that loads", (t) => {
  const files = [
    join(root, "rules/falco_rules.yaml"),
    join(root, "docker/config/falco_rules.local.yaml"),
    ...(existsSync(stock) ? readdirSync(stock).map((name) => join(stock, name)) : []),
  ].filter((file) => existsSync(file));
  t.diagnostic(files.map((file) => basename(file)).join(", "));
  assert.ok(files.length > 0);
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    if (parse(text) !== null) check(text, basename(file));
  }
});

test("the schema marks a key that is none, a priority that is none, and an override of what can't be overridden", () => {
  for (const item of ["{conditon: a}", "{priority: URGENT}", "{override: {source: append}}"]) {
    assert.throws(() => check(`[{rule: a, ${item.slice(1, -1)}}]`, "rules.yaml"), item);
  }
});
