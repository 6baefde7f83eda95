import assert from "node:assert/strict";
import { test } from "node:test";
import { imageOf, type RecordInput, recordOf, taskOf } from "@falco-efk/event";
import {
  dependsOnEnvironment,
  ProcessTable,
  readBootTime,
  readHostNamespaces,
  readProcess,
  scanProcesses,
} from "@falco-efk/fields";
import fc from "fast-check";

const BOOT = 1_000_000_000_000_000_000n;

function exec(
  pid: number,
  ppid: number,
  comm: string,
  args: readonly string[] = [],
  more: RecordInput = {},
): RecordInput {
  return {
    type: "execve",
    result: 0,
    ...more,
    task: { pid, ppid, comm, startTime: pid * 1_000_000_000, ...more.task },
    image: { comm, exe: `./${comm}`, exePath: `/usr/bin/${comm}`, args, ...more.image },
  };
}

test("every exec has a number of its own", () => {
  const table = new ProcessTable();
  const ids = new Set<number>();
  for (let turn = 0; turn < 5; turn++) {
    const record = recordOf(exec(20, 1, "a"));
    table.apply(record);
    ids.add(table.of(record).execId);
  }
  assert.equal(ids.size, 5);
});

test("a snapshot seeds the tree and never overrules an event", () => {
  const table = new ProcessTable({ bootTime: BOOT });
  table.apply(recordOf(exec(30, 20, "new")));
  table.seed([
    {
      task: taskOf({ pid: 30, ppid: 20, startTime: 30_000_000_000, comm: "old" }),
      image: imageOf({ comm: "old", exePath: "/usr/bin/old" }),
    },
    {
      task: taskOf({ pid: 20, ppid: 1, startTime: 20_000_000_000, comm: "bash" }),
      image: imageOf({ comm: "bash", exePath: "/usr/bin/bash" }),
    },
    {
      task: taskOf({ pid: 1, ppid: 0, startTime: 1, comm: "init" }),
      image: imageOf({ comm: "init", exePath: "/usr/bin/init" }),
    },
  ]);
  const process = table.get(30);
  assert.equal(process?.comm, "new");
  assert.equal(process && table.ancestor(process, 2, BOOT)?.comm, "init");
});

test("an unknown process is looked up, and only if it is still the same one", () => {
  const asked: number[] = [];
  const table = new ProcessTable({
    lookup: (pid) => {
      asked.push(pid);
      if (pid !== 50) return null;
      return {
        task: taskOf({ pid, ppid: 1, startTime: 50_000_000_000, comm: "found" }),
        image: imageOf({ comm: "found", exePath: "/bin/found" }),
      };
    },
  });
  assert.equal(table.of(recordOf({ task: { pid: 50, startTime: 50_000_004_321 } })).exePath, "/bin/found");
  const stranger = table.of(recordOf({ task: { pid: 50, startTime: 99_000_000_000, comm: "later" } }));
  assert.equal(stranger.exePath, "");
  assert.equal(stranger.comm, "later");
  assert.equal(table.counters.lookedUp, 1);
  assert.equal(table.counters.unresolved, 1);
  assert.equal(table.counters.reused, 1);
  assert.ok(asked.includes(1));
});

test("the table stays bounded whatever forks and exits come", () => {
  const step = fc.tuple(
    fc.constantFrom("exec", "fork", "exit", "open"),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 0, max: 40 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new ProcessTable({ bootTime: BOOT, maxRunning: 20, maxExited: 10 });
      let time = BOOT + 10_000_000_000n;
      for (const [kind, pid, ppid] of steps) {
        time += 1_000_000n;
        const task = { pid, ppid, comm: `p${pid}`, startTime: pid };
        const input: RecordInput =
          kind === "exec"
            ? exec(pid, ppid, `p${pid}`, [], { time, task: { startTime: pid } })
            : kind === "fork"
              ? { type: "clone", result: 0, time, task }
              : kind === "exit"
                ? { type: "procexit", params: { reaper_tid: ppid }, time, task }
                : { time, task };
        const record = recordOf(input);
        table.apply(record);
        const process = table.of(record);
        assert.equal(process.pid, pid);
        let depth = 0;
        table.walk(process, time, () => ++depth < 5000);
        assert.ok(depth <= 1024);
        assert.ok(table.counters.running <= 20 && table.counters.exited <= 11);
      }
    }),
    { numRuns: 300 },
  );
});

test("a long chain of forks that exit at once keeps no dead ancestors", () => {
  const table = new ProcessTable({ bootTime: BOOT, maxExited: 100, keepExited: 1n });
  let time = BOOT;
  for (let pid = 2; pid < 5000; pid++) {
    time += 1_000_000n;
    table.apply(recordOf({ type: "clone", result: 0, time, task: { pid, ppid: pid - 1, startTime: pid } }));
    table.apply(
      recordOf({
        type: "procexit",
        params: { reaper_tid: 1 },
        time: time + 1n,
        task: { pid: pid - 1, ppid: pid - 2, startTime: pid - 1 },
      }),
    );
  }
  const last = table.get(4999);
  assert.ok(last);
  let depth = 0;
  for (let at = last.parent; at !== null; at = at.parent) depth++;
  assert.ok(depth <= 101, `${depth} ancestors kept`);
  assert.ok(table.counters.forgotten > 4000);
});

test("this very process is read from /proc", () => {
  const self = readProcess(process.pid);
  assert.ok(self);
  assert.equal(self.task.pid, process.pid);
  assert.equal(self.task.ppid, process.ppid);
  assert.equal(self.image.cwd, process.cwd());
  assert.match(self.image.exePath, /node/);
  assert.ok(self.image.env.some((entry) => entry.startsWith("PATH=")));
  assert.ok(Number(self.image.exeInode) > 0);
  assert.equal(readProcess(0x7fffffff), null);
  const all = scanProcesses();
  assert.ok(all.some((snapshot) => snapshot.task.pid === process.pid));
  const table = new ProcessTable({ bootTime: readBootTime() });
  table.seed(all);
  const mine = table.get(process.pid);
  assert.ok(mine);
  assert.equal(table.ancestor(mine, 1, BigInt(Date.now()) * 1_000_000n)?.pid, process.ppid);
  const age = BigInt(Date.now()) * 1_000_000n - mine.startedAt;
  assert.ok(age > 0n && age < 600_000_000_000n, `${age}`);
  assert.ok(readHostNamespaces().pid > 0 || process.getuid?.() !== 0);
});

test("environments are kept only where they are wanted", () => {
  const lean = new ProcessTable({ keepEnvironment: false });
  const record = recordOf(exec(20, 1, "a", [], { image: { env: ["A=1"] } }));
  lean.apply(record);
  assert.deepEqual(lean.of(record).env, []);
  assert.equal(dependsOnEnvironment("proc.env"), true);
  assert.equal(dependsOnEnvironment("proc.name"), false);
});

test("the latest exits keep their environments, older ones don't", () => {
  const table = new ProcessTable({ bootTime: BOOT });
  for (let pid = 2; pid < 302; pid++) {
    table.apply(recordOf(exec(pid, 1, "a", [], { image: { env: [`N=${pid}`] } })));
    table.apply(
      recordOf({
        type: "procexit",
        time: BOOT + 400_000_000_000n,
        task: { pid, ppid: 1, startTime: pid * 1_000_000_000 },
      }),
    );
  }
  assert.deepEqual(table.get(301)?.env, ["N=301"]);
  assert.deepEqual(table.get(100)?.env, ["N=100"]);
  assert.deepEqual(table.get(20)?.env, []);
});

test("environments go when no rule reads them, and are asked from the system when one does", () => {
  const image = imageOf({ env: ["A=now"] });
  const table = new ProcessTable({
    bootTime: BOOT,
    lookup: (pid) => (pid === 20 ? { task: taskOf({ pid, ppid: 0 }), image } : null),
  });
  const exec = (pid: number): void =>
    table.apply(recordOf({ type: "execve", task: { pid, ppid: 0, startTime: pid }, image: { env: ["A=then"] } }));
  const env = (pid: number): readonly string[] | undefined => table.get(pid)?.env;
  exec(20);
  assert.deepEqual(env(20), ["A=then"]);
  table.keepEnvironment = false;
  exec(30);
  assert.deepEqual([env(20), env(30)], [[], []]);
  table.keepEnvironment = true;
  exec(40);
  assert.deepEqual([env(20), env(30), env(40)], [["A=now"], [], ["A=then"]]);
});

test("what an exec's event had no room for is asked from the system, of the same program only", () => {
  const whole = ["A=1", "B=2", "C=3"];
  const system = (pid: number, exeInode: number) => ({
    task: taskOf({ pid, startTime: pid * 1_000_000_000 }),
    image: imageOf({ args: ["x", "y"], env: whole, exeInode }),
  });
  const environment = (truncated: boolean, exeInode: number): readonly string[] => {
    const table = new ProcessTable({ lookup: (pid) => system(pid, exeInode) });
    const record = recordOf(
      exec(20, 1, "a", ["x"], { marks: { truncated }, image: { env: ["A=1", "B"], exeInode: 7 } }),
    );
    table.apply(record);
    return table.of(record).env;
  };
  assert.deepEqual(environment(true, 7), whole);
  assert.deepEqual(environment(true, 8), ["A=1", "B"]);
  assert.deepEqual(environment(false, 7), ["A=1", "B"]);
});
