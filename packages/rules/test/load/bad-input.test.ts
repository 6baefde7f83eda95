import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load, ruleWith } from "../support/load.ts";

const bomb = (): string => {
  const lines = ["- list: a", "  items: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 12; level++) {
    const refs = new Array(9).fill(`*a${level - 1}`).join(", ");
    lines.push(`- list: l${level}`, `  items: &a${level} [${refs}]`);
  }
  return lines.join("\n");
};

const nestedLists = (): string => {
  const lines = ["- list: l0\n  items: [a, b]\n- list: k0\n  items: [c, d]"];
  for (let level = 1; level < 40; level++) {
    for (const name of ["l", "k"]) lines.push(`- list: ${name}${level}\n  items: [l${level - 1}, k${level - 1}]`);
  }
  return `${lines.join("\n")}\n${ruleWith("evt.type = open and proc.name in (l39)")}`;
};

const chain = (length: number): string => {
  const lines = ["- macro: m0\n  condition: proc.name = x"];
  for (let level = 1; level < length; level++)
    lines.push(`- macro: m${level}\n  condition: (m${level - 1} or m${level - 1})`);
  return `${lines.join("\n")}\n${ruleWith(`evt.type = open and m${length - 1}`)}`;
};

const ring = (length: number, item: (name: string, next: string) => string): string =>
  Array.from({ length }, (_, index) => item(`n${index}`, `n${(index + 1) % length}`)).join("");

const CASES: Readonly<Record<string, () => string>> = {
  "a file of 10 MB": () => ruleWith("evt.type = open").repeat(90_000),
  "a text of 4 MB that is no YAML": () => "[{:".repeat(1_300_000),
  "an alias bomb": bomb,
  "lists that double forty times": nestedLists,
  "a chain of 5,000 macros": () => chain(5000),
  "5,000 lists in a ring": () =>
    ring(5000, (name, next) => `- list: ${name}\n  items: [a, ${next}]\n`) +
    ruleWith("evt.type = open and proc.name in (n7)"),
  "a list in itself": () => `- list: a\n  items: [a]\n${ruleWith("evt.type = open and proc.name in (a)")}`,
  "5,000 macros in a ring": () =>
    ring(5000, (name, next) => `- macro: ${name}\n  condition: evt.type = open or ${next}\n`) + ruleWith("n7"),
  "parentheses 100,000 deep": () => ruleWith("(".repeat(100_000)),
  "100,000 negations": () => ruleWith(`${"not ".repeat(100_000)}(evt.type = opne)`),
  "a NUL character": () => `${ruleWith("evt.type = open")}\0`,
  "100,000 unknown keys": () =>
    ruleWith("evt.type = opne", Array.from({ length: 50_000 }, (_, i) => `  k${i}: 1\n`).join("")),
};

// A second of this thread's own CPU time, and half of one more where both threads of a core are busy.
const LIMIT = 1500;

function timed(text: string): ReturnType<typeof load> & { readonly took: number } {
  const start = process.threadCpuUsage();
  const loaded = load(text);
  const { user, system } = process.threadCpuUsage(start);
  return { ...loaded, took: (user + system) / 1000 };
}

describe("bad input gives a diagnostic, soon", () => {
  for (const [what, make] of Object.entries(CASES)) {
    test(what, () => {
      const text = make();
      const { took, ruleset, diagnostics } = timed(text);
      assert.equal(ruleset, null);
      assert.ok(diagnostics.some((one) => one.severity === "error"));
      assert.ok(took < LIMIT, `${took.toFixed(0)} ms of CPU`);
    });
  }
});

test("a list of 100,000 items loads and matches", () => {
  const items = Array.from({ length: 100_000 }, (_, index) => `item-${index}`);
  const text = `- list: big\n  items: [${items.join(", ")}]\n${ruleWith("evt.type = open and proc.name in (big)")}`;
  const { took, ruleset } = timed(text);
  assert.equal(ruleset?.evaluate({ "evt.type": "open", "proc.name": "item-99999" }, 4).length, 1);
  assert.ok(took < LIMIT, `${took.toFixed(0)} ms of CPU`);
});

test("macros that refer twice to the one below, 60 times over, are evaluated once each", () => {
  const { ruleset } = load(chain(60));
  assert.equal(ruleset?.evaluate({ "evt.type": "open", "proc.name": "x" }, 4).length, 1);
});
