import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ACTIONS, chooseActions, type Outcome, perform, UNPROVOKED, whatIsLacking } from "../src/index.ts";

const root = process.getuid?.() === 0;

async function performAll(loop: boolean, signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of perform(ACTIONS, { pauseMs: 0, loop, signal })) outcomes.push(outcome);
  return outcomes;
}

async function leftovers(): Promise<string[]> {
  const folders = [
    "/etc",
    "/etc/apt/sources.list.d",
    "/root",
    "/usr/bin",
    "/usr/lib",
    "/var/lib",
    "/var/log",
    "/dev",
    "/dev/shm",
  ];
  const names = await Promise.all(
    [...folders, "/home", tmpdir()].map((folder) => readdir(folder).catch(() => [] as string[])),
  );
  return names.flat().filter((name) => name.includes("falco-generate-"));
}

test("every rule of the default set has an action or a reason why it has none", async () => {
  const text = await readFile(new URL("../../../rules/falco_rules.yaml", import.meta.url), "utf8");
  const rules = [...text.matchAll(/^- rule: (.+)$/gm)].map((match) => match[1]);
  const covered = [...ACTIONS, ...UNPROVOKED].filter(({ sets }) => sets.includes("default")).map((entry) => entry.rule);
  assert.deepEqual([...covered].sort(), [...rules].sort());
});

test("each action is performed and leaves nothing behind", { skip: root ? false : "needs root" }, async () => {
  const outcomes = await performAll(false, new AbortController().signal);
  assert.deepEqual(
    outcomes.filter((outcome) => outcome.status !== "performed").map(({ rule, reason }) => [rule, reason]),
    ACTIONS.filter((action) => whatIsLacking(action) !== null).map((action) => [action.rule, whatIsLacking(action)]),
  );
  assert.equal(outcomes.length, ACTIONS.length);
  // Another generator may be at work on this machine, whose things go by themselves: only what stays is left behind.
  let left = await leftovers();
  for (const deadline = Date.now() + 10_000; left.length > 0 && Date.now() < deadline; await setTimeout(50)) {
    const now = new Set(await leftovers());
    left = left.filter((name) => now.has(name));
  }
  assert.deepEqual(left, []);
});

test("a loop goes on until it is aborted, then stops before the next action", async () => {
  const controller = new AbortController();
  const quiet = ACTIONS.filter((action) => action.rule === "Create Symlink Over Sensitive Files");
  let count = 0;
  for await (const outcome of perform(quiet, { pauseMs: 0, loop: true, signal: controller.signal })) {
    assert.equal(outcome.status, "performed");
    count += 1;
    if (count === 3) controller.abort();
  }
  assert.equal(count, 3);
});

test("a rule is found in any case, and a misspelt one names its neighbour", () => {
  assert.equal(chooseActions(["write below ETC"])[0]?.rule, "Write below etc");
  assert.throws(() => chooseActions(["Write below etcc"]), /did you mean "Write below etc"|no action for the rule/);
});
