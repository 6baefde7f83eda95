import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { ACTIONS, chooseActions, type Outcome, perform, UNPROVOKED } from "../src/index.ts";

const root = process.getuid?.() === 0;

async function performAll(loop: boolean, signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of perform(ACTIONS, { pauseMs: 0, loop, signal })) outcomes.push(outcome);
  return outcomes;
}

async function leftovers(): Promise<string[]> {
  const folders = ["/etc", "/root", "/usr/local/bin", "/var/log", "/dev/shm", tmpdir()];
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [] as string[])));
  return names.flat().filter((name) => name.includes("falco-generate-"));
}

test("every rule of the default set has an action or a reason why it has none", async () => {
  const text = await readFile(new URL("../../../rules/falco_rules.yaml", import.meta.url), "utf8");
  const rules = [...text.matchAll(/^- rule: (.+)$/gm)].map((match) => match[1]);
  const covered = [...ACTIONS, ...UNPROVOKED].map((entry) => entry.rule);
  assert.deepEqual([...covered].sort(), [...rules].sort());
});

test("each action is performed and leaves nothing behind", { skip: root ? false : "needs root" }, async () => {
  const outcomes = await performAll(false, new AbortController().signal);
  assert.deepEqual(
    outcomes.filter((outcome) => outcome.status !== "performed"),
    [],
  );
  assert.equal(outcomes.length, ACTIONS.length);
  assert.deepEqual(await leftovers(), []);
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
