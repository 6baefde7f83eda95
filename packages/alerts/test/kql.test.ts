import assert from "node:assert/strict";
import { test } from "node:test";
import { KqlError, parseKql } from "../src/index.ts";

const CASES: readonly (readonly [string, unknown])[] = [
  ["", { match_all: {} }],
  ["*", { match_all: {} }],
  ["rule: shell", { match: { rule: "shell" } }],
  ['rule: "Terminal shell"', { match_phrase: { rule: "Terminal shell" } }],
  ["rule: Terminal shell", { match: { rule: "Terminal shell" } }],
  ["rule: Term*", { wildcard: { rule: { value: "Term*" } } }],
  ["output_fields.container.id: *", { exists: { field: "output_fields.container.id" } }],
  ["output_fields.fd.num >= 5", { range: { "output_fields.fd.num": { gte: "5" } } }],
  ["a: 1 and b: 2", { bool: { filter: [{ match: { a: "1" } }, { match: { b: "2" } }] } }],
  ["a: 1 or b: 2", { bool: { should: [{ match: { a: "1" } }, { match: { b: "2" } }], minimum_should_match: 1 } }],
  ["not a: 1", { bool: { must_not: [{ match: { a: "1" } }] } }],
  ["a: (x or y)", { bool: { should: [{ match: { a: "x" } }, { match: { a: "y" } }], minimum_should_match: 1 } }],
  ["a: (not x)", { bool: { must_not: [{ match: { a: "x" } }] } }],
  ["shell", { multi_match: { query: "shell", lenient: true, type: "best_fields" } }],
  ['a: "say \\"hi\\""', { match_phrase: { a: 'say "hi"' } }],
  ["A: x AND B: y", { bool: { filter: [{ match: { A: "x" } }, { match: { B: "y" } }] } }],
];

for (const [text, query] of CASES) {
  test(`the filter ${JSON.stringify(text)} is read`, () => assert.deepEqual(parseKql(text), query));
}

test("and binds tighter than or, and parentheses bind tightest", () => {
  const [a, b, c] = ["a", "b", "c"].map((field) => ({ match: { [field]: "1" } }));
  assert.deepEqual(parseKql("a: 1 or b: 1 and c: 1"), {
    bool: { should: [a, { bool: { filter: [b, c] } }], minimum_should_match: 1 },
  });
  assert.deepEqual(parseKql("(a: 1 or b: 1) and c: 1"), {
    bool: { filter: [{ bool: { should: [a, b], minimum_should_match: 1 } }, c] },
  });
});

for (const [text, column] of [
  ["a:", 3],
  ["a: (x", 6],
  ['a: "x', 4],
  ["and", 1],
  ["a: x)", 5],
  ["a: 1 and", 9],
] as const) {
  test(`the broken filter ${JSON.stringify(text)} names column ${column}`, () => {
    assert.throws(
      () => parseKql(text),
      (error) => error instanceof KqlError && error.at === column - 1,
    );
  });
}
