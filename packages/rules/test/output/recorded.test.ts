import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { FieldValue, Priority } from "@falco-efk/event";
import { createAlert, formatJson, formatText, loadRules } from "../../src/index.ts";
import { tableResolver } from "../support/table-resolver.ts";

interface Recorded {
  readonly format: string;
  readonly line: string;
}

interface Parsed {
  readonly hostname: string;
  readonly output: string;
  readonly priority: Priority;
  readonly rule: string;
  readonly tags: readonly string[];
  readonly time: string;
}

/** The recorded values, with integers beyond 2^53 kept whole. */
function fieldValues(line: string): Record<string, FieldValue> {
  const exact = line.replace(/:(\d{17,})([,}])/g, ':"exact $1"$2');
  const fields: Record<string, unknown> = JSON.parse(exact).output_fields;
  const values: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(fields)) {
    values[name] =
      typeof value === "string" && value.startsWith("exact ") ? BigInt(value.slice(6)) : (value as FieldValue);
  }
  return values;
}

function nanoseconds(time: string): bigint {
  const [seconds = "", fraction = "0"] = time.replace("Z", "").split(".");
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction);
}

const file = join(import.meta.dirname, "../fixtures/falco-alerts.jsonl");
const recorded: readonly Recorded[] = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

for (const { format, line } of recorded) {
  const parsed: Parsed = JSON.parse(line);
  test(`the JSON line of '${parsed.rule}' is to the byte what Falco printed`, () => {
    const item = {
      rule: parsed.rule,
      desc: "recorded",
      condition: "evt.type = open",
      output: format,
      priority: parsed.priority,
      tags: parsed.tags,
    };
    const { ruleset, diagnostics } = loadRules([{ name: "recorded", text: JSON.stringify([item]) }], {
      resolver: tableResolver,
    });
    const rule = ruleset?.rules[0];
    assert.ok(rule, JSON.stringify(diagnostics));
    const options = { hostname: parsed.hostname, isoTime: true, bufferBase64: false };
    const alert = createAlert(rule, fieldValues(line), nanoseconds(parsed.time), options);
    assert.equal(formatJson(alert), line);
    assert.equal(formatText(alert), JSON.stringify(parsed.output).slice(1, -1));
  });
}
