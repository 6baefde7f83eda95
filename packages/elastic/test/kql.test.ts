import assert from "node:assert/strict";
import { test } from "node:test";
import {
  completionAt,
  KqlError,
  type KqlField,
  type KqlNode,
  type KqlText,
  kqlToQuery,
  parseKql,
  printKql,
  quoteKql,
} from "@falco-efk/elastic";
import fc from "fast-check";

const known: readonly KqlField[] = [
  { name: "rule", esType: "text", parent: null },
  { name: "rule.keyword", esType: "keyword", parent: "rule" },
  { name: "output_fields.proc.name", esType: "keyword", parent: null },
  { name: "output_fields.proc.pname", esType: "keyword", parent: null },
  { name: "output_fields.proc.pid", esType: "long", parent: null },
  { name: "@timestamp", esType: "date_nanos", parent: null },
];
const fields = new Map(known.map((field) => [field.name, field]));
const query = (text: string) => kqlToQuery(parseKql(text), { fields, timeZone: "Europe/Berlin" });

const cases: readonly (readonly [string, unknown])[] = [
  ["", { match_all: {} }],
  ["  ", { match_all: {} }],
  ["shell container", { multi_match: { type: "best_fields", query: "shell container", lenient: true } }],
  ['"shell in"', { multi_match: { type: "phrase", query: "shell in", lenient: true } }],
  ["rule: Write below etc", { match: { rule: "Write below etc" } }],
  ['rule: "Write below etc"', { match_phrase: { rule: "Write below etc" } }],
  ["rule:*", { exists: { field: "rule" } }],
  ["*", { match_all: {} }],
  ["rule: Write*", { query_string: { fields: ["rule"], query: "Write*", analyze_wildcard: true } }],
  ["output_fields.proc.name: ba*", { wildcard: { "output_fields.proc.name": { value: "ba*" } } }],
  ["output_fields.proc.name: \\*", { match: { "output_fields.proc.name": "*" } }],
  ["output_fields.proc.pid >= 10", { range: { "output_fields.proc.pid": { gte: "10" } } }],
  ['@timestamp < "2026-11-22"', { range: { "@timestamp": { lt: "2026-11-22", time_zone: "Europe/Berlin" } } }],
  ["not rule: a", { bool: { must_not: [{ match: { rule: "a" } }] } }],
  [
    "rule: (a or b)",
    { bool: { should: [{ match: { rule: "a" } }, { match: { rule: "b" } }], minimum_should_match: 1 } },
  ],
  [
    "rule: a AND not rule: b",
    { bool: { filter: [{ match: { rule: "a" } }, { bool: { must_not: [{ match: { rule: "b" } }] } }] } },
  ],
  [
    "rule: a or rule: b and rule: c",
    {
      bool: {
        should: [{ match: { rule: "a" } }, { bool: { filter: [{ match: { rule: "b" } }, { match: { rule: "c" } }] } }],
        minimum_should_match: 1,
      },
    },
  ],
  [
    "output_fields.proc.p*: x",
    {
      bool: {
        should: [{ match: { "output_fields.proc.pname": "x" } }, { match: { "output_fields.proc.pid": "x" } }],
        minimum_should_match: 1,
      },
    },
  ],
  ["no.such*: x", { match_none: {} }],
  [
    "rule: order and android",
    {
      bool: {
        filter: [
          { match: { rule: "order" } },
          { multi_match: { type: "best_fields", query: "android", lenient: true } },
        ],
      },
    },
  ],
];

for (const [text, expected] of cases) {
  test(`the query ${JSON.stringify(text)} means what it means in Kibana`, () => {
    assert.deepEqual(query(text), expected);
  });
}

const withoutFields: readonly (readonly [string, unknown])[] = [
  ["rule: shell", { match: { rule: "shell" } }],
  ["rule: Term*", { query_string: { fields: ["rule"], query: "Term*", analyze_wildcard: true } }],
  ["pid >= 5", { range: { pid: { gte: "5" } } }],
  ["proc.*: bash", { multi_match: { type: "best_fields", query: "bash", fields: ["proc.*"], lenient: true } }],
  ['proc.*: "a b"', { multi_match: { type: "phrase", query: "a b", fields: ["proc.*"], lenient: true } }],
  ["proc.*: *", { exists: { field: "proc.*" } }],
  ["p*: b*", { query_string: { fields: ["p*"], query: "b*", analyze_wildcard: true, lenient: true } }],
  ["p* >= 5", { query_string: { fields: ["p*"], query: '["5" TO *]', lenient: true } }],
  ['p* < "a\\"b"', { query_string: { fields: ["p*"], query: '[* TO "a\\"b"}', lenient: true } }],
];

for (const [text, expected] of withoutFields) {
  test(`the query ${JSON.stringify(text)} needs no list of fields`, () => {
    assert.deepEqual(kqlToQuery(parseKql(text), { fields: null, timeZone: "UTC" }), expected);
  });
}

for (const [text, position] of [
  ["rule: (a or b", 6],
  ['rule: "a', 6],
  ["rule:", 5],
  ["a and", 5],
  ["a)", 1],
  ["rule: a: b", 7],
  ["not", 3],
  ["rule: { a: b }", 6],
] as const) {
  test(`the mistake in ${JSON.stringify(text)} is found at character ${position}`, () => {
    assert.throws(
      () => parseKql(text),
      (error) => error instanceof KqlError && error.position === position,
    );
  });
}

test("brackets without end are refused, not a stack overflow", () => {
  assert.throws(() => parseKql("(".repeat(100_000)), KqlError);
  assert.throws(() => parseKql("not ".repeat(100_000)), KqlError);
});

const plainText = fc.string({ minLength: 1, unit: "binary" }).filter((text) => text.trim() === text && text !== "");
const words: fc.Arbitrary<KqlText> = plainText.map((text) => ({ kind: "words", text }));
const phrase: fc.Arbitrary<KqlText> = fc.string().map((text) => ({ kind: "phrase", text }));
const pattern: fc.Arbitrary<KqlText> = fc
  .array(fc.constantFrom("", "a", "b c", "and", "x:y", "(z)"), { minLength: 2, maxLength: 4 })
  .filter((parts) => parts.join("*").trim() === parts.join("*"))
  .map((parts) => ({ kind: "pattern", parts }));
const value = fc.oneof(words, phrase, pattern);
const node: fc.Arbitrary<KqlNode> = fc.letrec<{ node: KqlNode; leaf: KqlNode }>((tie) => ({
  leaf: fc.oneof(
    fc.record(
      { type: fc.constant("is" as const), field: fc.option(words, { nil: null }), value },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        type: fc.constant("range" as const),
        field: words,
        comparison: fc.constantFrom("gt" as const, "gte" as const, "lt" as const, "lte" as const),
        value,
      },
      { noNullPrototype: true },
    ),
  ),
  node: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.record(
      {
        type: fc.constantFrom("and" as const, "or" as const),
        nodes: fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
      },
      { noNullPrototype: true },
    ),
    fc.record({ type: fc.constant("not" as const), node: tie("node") }, { noNullPrototype: true }),
  ),
})).node;

test("a query that is printed and parsed again is the same query", () => {
  fc.assert(
    fc.property(node, (tree) => assert.deepEqual(parseKql(printKql(tree)), tree)),
    { numRuns: 500 },
  );
});

test("no text makes the parser throw anything but a KqlError, and completion never throws", () => {
  const texts = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom("a", "and", "or", "not", ":", "(", ")", '"', "*", "\\", " ", "<=", "{"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, fc.nat(40), (text, cursor) => {
      completionAt(text, cursor);
      try {
        parseKql(text);
      } catch (error) {
        assert.ok(error instanceof KqlError);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a quoted text is read back as it was, whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) =>
      assert.deepEqual(parseKql(`f: ${quoteKql(text)}`), {
        type: "is",
        field: { kind: "words", text: "f" },
        value: { kind: "phrase", text },
      }),
    ),
  );
});

for (const [text, expected] of [
  ["pri", { kind: "field", start: 0, prefix: "pri" }],
  ["priority: ", { kind: "value", start: 10, prefix: "", field: "priority" }],
  ['priority: "Cr', { kind: "value", start: 10, prefix: "Cr", field: "priority" }],
  ['priority: "Critical" ', { kind: "conjunction", start: 21, prefix: "" }],
  ['priority: "Critical" and ru', { kind: "field", start: 25, prefix: "ru" }],
  ["priority: (Error or War", { kind: "value", start: 20, prefix: "War", field: "priority" }],
] as const) {
  test(`after ${JSON.stringify(text)} the right kind of thing is offered`, () => {
    assert.deepEqual(completionAt(text, text.length), expected);
  });
}
