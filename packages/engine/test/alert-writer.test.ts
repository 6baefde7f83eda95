import assert from "node:assert/strict";
import { test } from "node:test";
import type { FieldResolver, FieldValue } from "@falco-efk/event";
import { createAlert, formatJson, formatText, loadRules, type Rule } from "@falco-efk/rules";
import fc from "fast-check";
import { createAlertWriter } from "../src/alert-writer.ts";

type Event = Readonly<Record<string, FieldValue>>;

const TYPES = {
  "fd.name": "CHARBUF",
  "fd.num": "INT64",
  "user.uid": "UINT64",
  "evt.buffer": "BYTEBUF",
  "proc.is_x": "BOOL",
} as const;

const resolver: FieldResolver<Event> = {
  definitions: [],
  resolve(name) {
    if (name === "evt.type") return access("evt.type", "CHARBUF");
    if (name in TYPES) return access(name, TYPES[name as keyof typeof TYPES]);
    return { code: "unknown-field", message: "unknown" };
  },
};

function access(name: string, type: (typeof TYPES)[keyof typeof TYPES]): ReturnType<FieldResolver<Event>["resolve"]> {
  const definition = { name, type, list: false, argument: "none", description: "", class: "x" } as const;
  return { definition, argument: null, extract: (event) => event[name] ?? null };
}

function theRule(): Rule<Event> {
  const text = `
- rule: "A \\"rule\\""
  desc: d
  condition: evt.type = openat
  output: "file=%fd.name num=%fd.num uid=%user.uid buffer=%evt.buffer x=%proc.is_x again=%fd.name"
  priority: CRITICAL
  tags: [b, a]
`;
  const { ruleset, diagnostics } = loadRules([{ name: "r.yaml", text }], {
    resolver,
    appendOutput: [{ extraFields: ["fd.num", { name: "own", format: "<%fd.name>" }] }],
  });
  const rule = ruleset?.rules[0];
  assert.ok(rule, JSON.stringify(diagnostics));
  return rule;
}

const anyText = fc.string({ unit: "binary", maxLength: 200 });
const event = fc.record(
  {
    "fd.name": fc.option(anyText),
    "fd.num": fc.option(fc.integer()),
    "user.uid": fc.option(fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })),
    "evt.buffer": fc.option(fc.uint8Array({ maxLength: 90 })),
    "proc.is_x": fc.option(fc.boolean()),
  },
  { requiredKeys: [] },
);
const options = fc.record({ hostname: anyText, isoTime: fc.boolean(), bufferBase64: fc.boolean() });
const json = fc.record({
  includeOutput: fc.boolean(),
  includeMessage: fc.boolean(),
  includeOutputFields: fc.boolean(),
  includeTags: fc.boolean(),
});
const time = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });

test("lines are those that the rules package makes, for any event and any settings", () => {
  const rule = theRule();
  fc.assert(
    fc.property(
      fc.array(event, { minLength: 1, maxLength: 4 }),
      options,
      json,
      time,
      (events, settings, include, at) => {
        const writeJson = createAlertWriter<Event>(settings, include);
        const writeText = createAlertWriter<Event>(settings, null);
        for (const [index, one] of events.entries()) {
          const when = at + BigInt(index) * 700_000_000n;
          const alert = createAlert(rule, one as Event, when, settings);
          assert.equal(writeJson(rule, one as Event, when), formatJson(alert, include));
          assert.equal(writeText(rule, one as Event, when), formatText(alert));
        }
      },
    ),
  );
});
