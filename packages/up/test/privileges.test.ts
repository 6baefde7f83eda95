import assert from "node:assert/strict";
import { test } from "node:test";
import { missingCapabilities } from "../src/privileges.ts";

const status = (effective: string): string => `Name:\tnode\nCapEff:\t${effective}\n`;

test("nothing is missing with every capability", () => {
  assert.deepEqual(missingCapabilities(status("000001ffffffffff")), []);
});

test("an ordinary user lacks all four, and each is named", () => {
  assert.deepEqual(missingCapabilities(status("0000000000000000")), [
    "CAP_DAC_READ_SEARCH",
    "CAP_SYS_PTRACE",
    "CAP_PERFMON",
    "CAP_BPF",
  ]);
});

test("CAP_SYS_ADMIN stands in for the two younger ones alone", () => {
  assert.deepEqual(missingCapabilities(status((1n << 21n).toString(16))), ["CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE"]);
});
