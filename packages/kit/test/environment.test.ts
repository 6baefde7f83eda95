import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expandAll, expandReferences } from "../src/index.ts";

const lookup = (name: string): string | undefined => ({ HOST: "es", EMPTY: "" })[name];

test("a set variable wins over its default, an empty one too", () => {
  assert.equal(expandReferences("http://${HOST:other}:9200", lookup), "http://es:9200");
  assert.equal(expandReferences("[${EMPTY:x}]", lookup), "[]");
});

test("an unset variable takes its default or is an error with the message given", () => {
  assert.equal(expandReferences("${NONE:a}${NONE:}", lookup), "a");
  assert.throws(() => expandReferences("${NONE}", lookup), /\$\{NONE\}: it is not set/);
  assert.throws(() => expandReferences("${NONE:?give a token}", lookup), /give a token/);
});

test("two dollar signs are one and protect what follows", () => {
  assert.equal(expandReferences("$${HOST}", lookup), "${HOST}");
});

test("a text without a reference stays as it is", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("$")),
      (text) => expandReferences(text, lookup) === text,
    ),
  );
});

test("references are expanded at every depth and other values are kept", () => {
  assert.deepEqual(expandAll({ a: ["${HOST}", 1, null], b: { c: true } }, lookup), {
    a: ["es", 1, null],
    b: { c: true },
  });
});
