import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Output } from "../src/outputs/output.ts";
import { createProgramDeliverer } from "../src/outputs/program.ts";
import { createQueuedOutput } from "../src/outputs/queued-output.ts";
import { atEnd, linesOf, send, temporaryFolder, until } from "./support.ts";

function open(
  context: TestContext,
  program: string,
  keepAlive: boolean,
  timeoutMs = 5000,
): { output: Output; troubles: string[] } {
  const troubles: string[] = [];
  const deliverer = createProgramDeliverer({ enabled: true, keep_alive: keepAlive, program, timeout_ms: timeoutMs });
  const output = createQueuedOutput("program", deliverer, {
    capacity: 1000,
    trouble: (_cause, message) => troubles.push(message),
  });
  atEnd(context, () => output.close(1000));
  return { output, troubles };
}

test("each alert starts the program once, with the alert on its standard input", async (t) => {
  const file = join(temporaryFolder(t), "out");
  const { output } = open(t, `(cat; echo end) >> ${file}`, false);
  send(output, "one", 'two "quoted"');
  await output.drained(0);
  assert.deepEqual(linesOf(file), ["one", "end", 'two "quoted"', "end"]);
});

test("with keep_alive one program takes all alerts", async (t) => {
  const file = join(temporaryFolder(t), "out");
  const { output } = open(t, `echo start >> ${file}; cat >> ${file}`, true);
  send(output, "one");
  send(output, "two");
  await until(() => existsSync(file) && linesOf(file).length === 3);
  assert.deepEqual(linesOf(file), ["start", "one", "two"]);
});

test("a program that hangs is ended, counted as a drop, and the next alert goes on", async (t) => {
  const file = join(temporaryFolder(t), "out");
  const { output, troubles } = open(
    t,
    `read line; [ "$line" = hang ] && sleep 60; echo "$line" >> ${file}`,
    false,
    300,
  );
  send(output, "hang", "go");
  await output.drained(0);
  assert.deepEqual(linesOf(file), ["go"]);
  assert.deepEqual(output.counters(), { accepted: 2, delivered: 1, dropped: 1, queued: 0 });
  assert.match(troubles[0] ?? "", /longer than 300 ms/);
});

test("a program that fails is said so with its exit code", async (t) => {
  const { output, troubles } = open(t, "cat > /dev/null; exit 3", false);
  send(output, "one");
  await output.drained(0);
  assert.match(troubles[0] ?? "", /exit code 3/);
});

test("a kept program that dies is started again", async (t) => {
  const file = join(temporaryFolder(t), "out");
  const { output, troubles } = open(t, `head -n 1 >> ${file}`, true);
  send(output, "one");
  await until(() => existsSync(file) && linesOf(file).length === 1);
  await until(() => {
    send(output, "again");
    return linesOf(file).length >= 2;
  });
  assert.equal(linesOf(file)[1], "again");
  assert.ok(troubles.some((trouble) => /start(ed)? again/.test(trouble)));
});

test("a kept program that reads nothing holds up nobody and is ended in time", async (t) => {
  const { output, troubles } = open(t, "sleep 60", true, 300);
  const line = "x".repeat(4000);
  send(output, ...Array.from({ length: 100 }, () => line));
  await output.drained(0);
  assert.match(troubles[0] ?? "", /read nothing for 300 ms/);
  assert.equal(output.counters().dropped, 100);
});
