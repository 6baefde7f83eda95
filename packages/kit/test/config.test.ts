import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { describeUserError, parseConfigDocument, UserError, validateConfig } from "../src/index.ts";

const Schema = Type.Object(
  {
    port: Type.Integer({ minimum: 0, maximum: 65535, default: 80 }),
    output: Type.Optional(
      Type.Object(
        { hosts: Type.Array(Type.String()), mode: Type.Optional(Type.Enum(["fast", "safe"])) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

function faultOf(text: string): string {
  try {
    validateConfig(parseConfigDocument(text, "x.yml"), Schema);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return describeUserError(error);
  }
  return assert.fail("the configuration was accepted");
}

test("defaults are filled in and the document itself stays as it was", () => {
  const document = parseConfigDocument("output: {hosts: [a]}", "x.yml");
  assert.deepEqual(validateConfig(document, Schema), { port: 80, output: { hosts: ["a"] } });
  assert.deepEqual(document.value, { output: { hosts: ["a"] } });
});

test("an empty file is an empty configuration", () => {
  assert.deepEqual(validateConfig(parseConfigDocument("", "x.yml"), Schema), { port: 80 });
});

test("an unknown key is named with its line and the nearest known key", () => {
  assert.equal(
    faultOf("port: 1\noutput:\n  hots: [a]\n  hosts: [a]\n"),
    "x.yml:3:9: output.hots: unknown key (did you mean hosts?)",
  );
});

test("a value of the wrong type is named with its place in the list", () => {
  assert.equal(faultOf("output:\n  hosts:\n    - a\n    - [b]\n"), "x.yml:4:7: output.hosts[1]: must be string");
});

test("a missing key and a value outside its set are told in words", () => {
  assert.equal(faultOf("output: {}\n"), "x.yml:1:9: output: the key hosts is missing");
  assert.match(
    faultOf("output: {hosts: [], mode: slow}\n"),
    /output\.mode: must be one of fast, safe|must be equal to one of/,
  );
});

test("broken YAML names the line", () => {
  assert.match(faultOf("port: 1\noutput: [\n"), /^x\.yml:[23]:\d+: /);
});
