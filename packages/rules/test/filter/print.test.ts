import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCondition } from "../../src/filter/parser.ts";
import { printCondition } from "../../src/filter/print.ts";
import { anyCondition } from "../support/arbitraries.ts";

/** A tree without positions, which printing does not keep. */
function bare(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === "position" ? undefined : value)));
}

test("a printed condition parses back to the same tree", () => {
  fc.assert(
    fc.property(anyCondition, (tree) => {
      const text = printCondition(tree);
      const parsed = parseCondition(text, 10_000);
      assert.ok(parsed.ok, `${text}: ${parsed.ok ? "" : parsed.message}`);
      assert.deepEqual(bare(parsed.value), bare(tree), text);
    }),
    { numRuns: 2000 },
  );
});

test("bytes written with \\x survive printing", () => {
  const text = 'evt.buffer = "\\x00\\xffabc\\x5c"';
  const parsed = parseCondition(text);
  assert.ok(parsed.ok);
  assert.equal(printCondition(parsed.value), text);
});
