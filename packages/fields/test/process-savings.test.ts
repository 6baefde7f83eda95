import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { imageOf, recordOf, taskOf } from "@falco-efk/event";
import { ProcessSavings, ProcessTable, readProcess } from "@falco-efk/fields";

const LONG = "x".repeat(1000);

/** A shell that waits, with a variable and a long argument of its own, as a table knows it from /proc. */
async function knownShell(context: TestContext) {
  const child = spawn("sh", ["-c", "read line", LONG], {
    env: { SECRET: "blue" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  let snapshot = readProcess(pid);
  while (snapshot?.image.env.length !== 1) snapshot = readProcess(pid);
  const table = new ProcessTable({ lookup: (wanted) => (wanted === pid ? readProcess(pid) : null) });
  table.seed([snapshot]);
  const known = table.get(pid);
  assert.ok(known);
  const end = async (): Promise<void> => {
    if (child.kill("SIGKILL")) await once(child, "close");
  };
  context.after(end);
  return { table, known, savings: new ProcessSavings(table), end };
}

test("an environment and long arguments that were let go are read again from the system when a rule asks", async (context) => {
  const { known, savings } = await knownShell(context);
  const { cmdline } = known;
  assert.equal(savings.letGoEnvironments(), 1);
  assert.equal(savings.letGoLongArguments(), 1);
  assert.deepEqual(known.env, ["SECRET=blue"]);
  assert.equal(known.cmdline, cmdline);
  assert.deepEqual(savings.asked, { args: { reread: 1, missing: 0 }, env: { reread: 1, missing: 0 } });
  // What was read again is kept until it has to go again.
  assert.deepEqual(known.env, ["SECRET=blue"]);
  assert.equal(savings.asked.env.reread, 1);
});

test("what was let go of a process that has ended meanwhile is counted as missing, once", async (context) => {
  const { known, savings, end } = await knownShell(context);
  savings.letGoEnvironments();
  await end();
  assert.deepEqual([known.env, known.env], [[], []]);
  assert.deepEqual(savings.asked.env, { reread: 0, missing: 1 });
});

test("another program under the same pid is never asked", async (context) => {
  const { known, savings } = await knownShell(context);
  savings.letGoEnvironments();
  known.startTime = Number(known.startTime) + 1_000_000_000;
  assert.deepEqual(known.env, []);
  assert.equal(savings.asked.env.missing, 1);
});

test("a copy and a forked child share what was let go, and each can ask for its own", async (context) => {
  const { table, known, savings } = await knownShell(context);
  savings.letGoEnvironments();
  const copy = known.clone();
  table.apply(
    recordOf({ type: "clone", result: 4_000_000, task: { ...taskOf({ pid: known.pid }), startTime: known.startTime } }),
  );
  const child = table.get(4_000_000);
  assert.equal(savings.asked.env.reread, 0, "a fork alone asks for nothing");
  assert.deepEqual(copy.env, ["SECRET=blue"]);
  assert.deepEqual(child?.env, []);
  assert.deepEqual(savings.asked.env, { reread: 1, missing: 1 });
});

function crowd(running: number, exited: number) {
  const table = new ProcessTable();
  for (let pid = 1; pid <= running + exited; pid++) {
    const task = { pid, ppid: pid === 1 ? 0 : 1, startTime: pid };
    table.apply(recordOf({ type: "execve", task, image: imageOf({ comm: "a", args: ["short"], env: ["A=1"] }) }));
    if (pid > running) table.apply(recordOf({ type: "procexit", time: BigInt(pid), task }));
  }
  return { table, savings: new ProcessSavings(table) };
}

test("packed strings are the same when a rule asks, and need no system for it", () => {
  const { table, savings } = crowd(3, 0);
  const env = ["PATH=/usr/bin", `EMOJI=${"\u{1F600}".repeat(800)}`, "EMPTY="];
  const args = ["", "-c", LONG, LONG, ""];
  const record = (pid: number) => recordOf({ type: "execve", task: { pid, startTime: pid }, image: { env, args } });
  table.apply(record(2));
  table.apply(recordOf({ type: "clone", result: 77, task: { pid: 2, startTime: 2 } }));
  assert.equal(savings.packStrings(), 4);
  assert.equal(savings.packStrings(), 0, "once is enough");
  assert.deepEqual(table.get(77)?.clone().env, env);
  assert.deepEqual([table.get(2)?.env, table.get(2)?.args], [env, args]);
  assert.deepEqual(savings.asked.env, { reread: 0, missing: 0 });
});

test("short arguments stay", () => {
  const { savings } = crowd(10, 0);
  assert.equal(savings.letGoLongArguments(), 0);
  assert.equal(savings.letGoEnvironments(), 10);
});

test("of exited processes the latest quarter stays, and no more are kept until there is room again", () => {
  const { table, savings } = crowd(1, 1000);
  assert.equal(savings.letGoExited(), 750);
  assert.equal(table.get(2), null);
  assert.equal(table.get(1001)?.comm, "a");
  assert.equal(table.maxExited, 250);
  savings.keepExited();
  assert.equal(table.maxExited, 2048);
});

test("of running processes those without children go, oldest first, and never from a small table", () => {
  const { table, savings } = crowd(1001, 0);
  assert.equal(savings.letGoRunning(), 500);
  assert.equal(table.get(1)?.pid, 1);
  assert.equal(table.get(2), null);
  assert.equal(table.counters.evicted, 500);
  assert.equal(crowd(500, 0).savings.letGoRunning(), 0);
});
