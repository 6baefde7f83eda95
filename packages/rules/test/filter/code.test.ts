import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, code, join, Scope } from "../../src/filter/codegen/code.ts";

test("a value that is spliced in becomes its literal, code stays code", () => {
  const name = Code.identifier("v");
  assert.equal(code`${name} === ${'a"b\u2028'}`.text, 'v === "a\\"b\\u2028"');
  assert.equal(code`${1n} ${2.5} ${true} ${null}`.text, "1n 2.5 true null");
  assert.throws(() => Code.identifier("v; evil()"));
});

test("pieces are joined, and none of them is what the caller says", () => {
  assert.equal(join([code`a`, code`b`], " || ", code`false`).text, "a || b");
  assert.equal(join([], " || ", code`false`).text, "false");
});

test("a scope holds more constants than a function can have parameters", () => {
  const scope = new Scope();
  let last = code`0`;
  for (let index = 0; index < 100_000; index++) last = scope.constant({ index }, "c");
  assert.equal(scope.evaluate<number>(`return ${last.text}.index;`), 99_999);
});

test("the same value has one name", () => {
  const scope = new Scope();
  const value = new Set(["a"]);
  assert.equal(scope.constant(value, "set").text, scope.constant(value, "other").text);
});
