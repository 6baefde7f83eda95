import assert from "node:assert/strict";
import { test } from "node:test";
import { createCommand, runCommand, UserError } from "../src/index.ts";

async function run(argv: string[], action: () => void = () => undefined): Promise<{ code: number; stderr: string }> {
  const written: string[] = [];
  const original = process.stderr.write;
  process.stderr.write = ((text: string) => written.push(text) > 0) as typeof process.stderr.write;
  try {
    const command = createCommand("demo", "A demonstration", "1.2.3").option("--data <dir>", "a folder").action(action);
    return { code: await runCommand(command, argv), stderr: written.join("") };
  } finally {
    process.stderr.write = original;
  }
}

test("an unknown option is one line with the program's name, a suggestion and a code that is not 0", async () => {
  const { code, stderr } = await run(["--dta", "x"]);
  assert.notEqual(code, 0);
  assert.match(stderr, /^demo: unknown option '--dta'\n\(Did you mean --data\?\)\n$/);
});

test("what a user can mend is one line with its place", async () => {
  const { code, stderr } = await run([], () => {
    throw new UserError("is not a number", { code: "X", file: "a.yml", line: 3, key: "port", exitCode: 4 });
  });
  assert.equal(code, 4);
  assert.equal(stderr, "demo: a.yml:3: port: is not a number\n");
});

test("a defect keeps its stack", async () => {
  const { code, stderr } = await run([], () => {
    throw new TypeError("broken");
  });
  assert.equal(code, 1);
  assert.match(stderr, /TypeError: broken\n\s+at /);
});

test("what Ctrl-C breaks off ends with 130 and a line, not with a stack", async () => {
  const { code, stderr } = await run([], () => {
    AbortSignal.abort().throwIfAborted();
  });
  assert.equal(code, 130);
  assert.equal(stderr, "demo: stopped before it was done\n");
});
