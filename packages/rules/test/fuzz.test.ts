import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./fuzz.ts";

const inputs = process.env["FALCO_EFK_LONG"] === undefined ? 20_000 : 2_000_000;

test("mutated conditions and rules files never make the loader throw or hang", (t) => {
  const seed = 20_261_123;
  const { failures } = fuzz(inputs, seed);
  t.diagnostic(`${inputs} inputs from seed ${seed}`);
  assert.deepEqual(failures, []);
});
