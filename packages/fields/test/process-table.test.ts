import assert from "node:assert/strict";
import { test } from "node:test";
import { imageOf, type RecordInput, recordOf, taskOf } from "@falco-efk/event";
import { ProcessTable, readBootTime, readHostNamespaces, readProcess, scanProcesses } from "@falco-efk/fields";
import fc from "fast-check";
import { expectFields, print, read, World } from "./support.ts";

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

test("names, command lines and ancestors come from the execs seen", () => {
  const world = new World();
  world.event(exec(10, 1, "sshd", ["-D"]));
  world.event(exec(20, 10, "bash", ["-l"]));
  const event = world.event(
    exec(30, 20, "vim", ["a b", "c"], { image: { env: ["HOME=/root", "A= x "], cwd: "/srv" } }),
  );
  expectFields(event, {
    "proc.name": "vim",
    "proc.exe": "./vim",
    "proc.exepath": "/usr/bin/vim",
    "proc.cmdline": "vim a b c",
    "proc.exeline": "./vim a b c",
    "proc.args": "a b c",
    "proc.args[0]": "a b",
    "proc.args[7]": "",
    "proc.cmdnargs": 2,
    "proc.cmdlenargs": 4,
    "proc.cwd": "/srv/",
    "proc.env": "HOME=/root A= x ",
    "proc.env[A]": "x",
    "proc.env[HOM]": "",
    "proc.pid": 30,
    "proc.ppid": 20,
    "proc.pname": "bash",
    "proc.pcmdline": "bash -l",
    "proc.pexe": "./bash",
    "proc.pexepath": "/usr/bin/bash",
    "proc.aname[0]": "vim",
    "proc.aname[1]": "bash",
    "proc.aname[2]": "sshd",
    "proc.aname[3]": null,
    "proc.aname": ["bash", "sshd"],
    "proc.apid": [20, 10],
    "proc.apid[2]": 10,
    "proc.acmdline[2]": "sshd -D",
    "proc.aexepath[2]": "/usr/bin/sshd",
    "proc.loginshellid": 20,
  });
  assert.equal(print(event, "proc.aname"), "bash sshd");
  assert.equal(print(event, "proc.acmdline"), "bash -l sshd -D");
  assert.equal(print(event, "proc.apid"), 30);
});

test("a fork runs its parent's program until it execs", () => {
  const world = new World();
  world.event(exec(20, 1, "bash", ["-l"]));
  const forked = world.event({
    type: "clone",
    result: 0,
    params: { flags: 0 },
    task: { pid: 21, ppid: 20, comm: "bash", startTime: 9 },
  });
  expectFields(forked, { "proc.cmdline": "bash -l", "proc.exepath": "/usr/bin/bash", "proc.pname": "bash" });
  const opened = world.event({ task: { pid: 21, ppid: 20, comm: "bash", startTime: 9 } });
  expectFields(opened, { "proc.exe": "./bash", "proc.aname[1]": "bash" });
});

test("a fork told by the parent adds the child, whose first event gives its start", () => {
  const world = new World();
  world.event(exec(20, 1, "bash"));
  world.event({
    type: "clone",
    result: 77,
    params: { flags: 0 },
    time: BOOT + 60_000_000_000n,
    task: { pid: 20, ppid: 1, comm: "bash", startTime: 20_000_000_000 },
  });
  const event = world.event({
    time: BOOT + 61_000_000_000n,
    task: { pid: 77, ppid: 20, comm: "bash", startTime: 60_000_000_100 },
  });
  expectFields(event, { "proc.exepath": "/usr/bin/bash", "proc.duration": 1_000_000_000 });
});

test("threads share their process and don't rename it", () => {
  const world = new World();
  world.event(exec(20, 1, "node", ["app.js"]));
  world.event({
    type: "clone",
    result: 0,
    params: { flags: 0x10000 },
    task: { tid: 25, pid: 20, ppid: 1, comm: "node", startTime: 20_000_000_000 },
  });
  const event = world.event({ task: { tid: 25, pid: 20, ppid: 1, comm: "libuv-worker", startTime: 20_000_000_000 } });
  expectFields(event, {
    "proc.name": "libuv-worker",
    "proc.cmdline": "node app.js",
    "thread.tid": 25,
    "thread.ismain": false,
  });
  assert.equal(world.services.processes.get(20)?.comm, "node");
  assert.equal(world.services.processes.counters.running, 1);
});

test("a pid that comes back is another process", () => {
  const world = new World();
  world.event(exec(20, 1, "first"));
  world.event({
    type: "procexit",
    task: { pid: 20, ppid: 1, comm: "first", startTime: 20_000_000_000 },
    time: BOOT + 100_000_000_000n,
  });
  const event = world.event(exec(20, 1, "second", [], { task: { startTime: 300_000_000_000 } }));
  expectFields(event, { "proc.name": "second", "proc.exepath": "/usr/bin/second" });
  const late = world.event({
    time: BOOT + 99_000_000_000n,
    task: { pid: 20, ppid: 1, comm: "first", startTime: 20_000_000_000 },
  });
  expectFields(late, { "proc.exepath": "/usr/bin/first" });
});

test("an ancestor that has exited left its children to its reaper, and is the parent of earlier events", () => {
  const world = new World();
  world.event(exec(1, 0, "systemd"));
  world.event(exec(20, 1, "setup"));
  world.event(exec(30, 20, "daemon"));
  const exitAt = BOOT + 100_000_000_000n;
  const task = { pid: 30, ppid: 20, comm: "daemon", startTime: 30_000_000_000 };
  world.event({
    type: "procexit",
    params: { reaper_tid: 1 },
    time: exitAt,
    task: { pid: 20, ppid: 1, comm: "setup", startTime: 20_000_000_000 },
  });
  const before = world.event({ time: exitAt - 1n, task });
  expectFields(before, { "proc.pname": "setup", "proc.aname[2]": "systemd" });
  const after = world.event({ time: exitAt + 1n, task: { ...task, ppid: 1 } });
  expectFields(after, { "proc.pname": "systemd", "proc.aname[2]": null, "proc.ppid": 1 });
});

test("a grandparent's exit is followed too", () => {
  const world = new World();
  world.event(exec(1, 0, "systemd"));
  world.event(exec(20, 1, "su"));
  world.event(exec(30, 20, "bash"));
  world.event(exec(40, 30, "cat"));
  world.event({
    type: "procexit",
    params: { reaper_tid: 1 },
    time: BOOT + 100_000_000_000n,
    task: { pid: 20, ppid: 1, comm: "su", startTime: 20_000_000_000 },
  });
  const event = world.event({
    time: BOOT + 200_000_000_000n,
    task: { pid: 40, ppid: 30, comm: "cat", startTime: 40_000_000_000 },
  });
  expectFields(event, { "proc.aname": ["bash", "systemd"] });
});

test("where the exit named no reaper, the system is asked who the parent is now", () => {
  const world = new World({ processes: { lookupParent: (pid) => (pid === 30 ? 1 : 0) } });
  world.event(exec(1, 0, "systemd"));
  world.event(exec(20, 1, "su"));
  world.event(exec(30, 20, "bash"));
  world.event(exec(40, 30, "cat"));
  const exit = { type: "procexit", time: BOOT + 100_000_000_000n };
  world.event({ ...exit, task: { pid: 20, ppid: 1, comm: "su", startTime: 20_000_000_000 } });
  const task = { pid: 40, ppid: 30, comm: "cat", startTime: 40_000_000_000 };
  expectFields(world.event({ time: BOOT + 99_000_000_000n, task }), { "proc.aname": ["bash", "su", "systemd"] });
  expectFields(world.event({ time: BOOT + 101_000_000_000n, task }), { "proc.aname": ["bash", "systemd"] });
});

test("the working directory is that of the event, else what the system says, else that of the exec", () => {
  const asked: number[] = [];
  const world = new World({
    processes: {
      lookupCwd: (pid) => {
        asked.push(pid);
        return pid === 30 ? "/moved" : null;
      },
    },
  });
  const task = { pid: 30, ppid: 1, comm: "sh", startTime: 30_000_000_000 };
  expectFields(world.event(exec(30, 1, "sh", [], { image: { cwd: "/srv" } })), { "proc.cwd": "/srv/" });
  expectFields(world.event({ task, params: { dirfd: -100 }, paths: [{ raw: "x", base: "/here" }] }), {
    "proc.cwd": "/here/",
  });
  assert.deepEqual(asked, []);
  const other = world.event({ task, params: { dirfd: 5 }, paths: [{ raw: "x", base: "/there" }] });
  expectFields(other, { "proc.cwd": "/moved/" });
  assert.deepEqual(asked, [30]);
  const gone = { pid: 40, ppid: 1, comm: "sh", startTime: 40_000_000_000 };
  world.event(exec(40, 1, "sh", [], { image: { cwd: "/old/" } }));
  expectFields(world.event({ task: gone }), { "proc.cwd": "/old/" });
});

test("ids of a fork print as numbers and a login as a user, as Falco prints them", () => {
  const world = new World();
  const fork = world.event({
    type: "clone",
    result: 0,
    params: { flags: 0, uid: 1000 },
    task: { pid: 5, startTime: 5 },
  });
  expectFields(fork, { "evt.arg.uid": "1000" });
  const login = world.event(exec(20, 1, "sh", [], { params: { loginuid: 1000 } }));
  expectFields(login, { "evt.arg.loginuid": "ann" });
  expectFields(world.event(exec(20, 1, "sh", [], { params: { loginuid: -1 } })), { "evt.arg.loginuid": "<NONE>" });
});

test("sessions and groups are named by their leaders", () => {
  const world = new World();
  world.event(exec(20, 1, "bash", [], { task: { sid: 20, vsid: 20, pgid: 20, vpgid: 20 } }));
  const child = { sid: 20, vsid: 20, pgid: 30, vpgid: 30 };
  const event = world.event(exec(30, 20, "find", [], { task: child }));
  expectFields(event, {
    "proc.sname": "bash",
    "proc.sid.exepath": "/usr/bin/bash",
    "proc.pgid.name": "find",
    "proc.vpgid.exe": "./find",
    "proc.is_sid_leader": false,
    "proc.is_vpgid_leader": true,
    "proc.is_pgid_leader": true,
  });
});

test("a failed exec changes nothing", () => {
  const world = new World();
  world.event(exec(20, 1, "bash"));
  const event = world.event({
    type: "execve",
    result: -2,
    task: { pid: 20, ppid: 1, comm: "bash", startTime: 20_000_000_000 },
    paths: [{ raw: "/nope" }],
  });
  expectFields(event, { "proc.exepath": "/usr/bin/bash", "evt.res": "ENOENT", "evt.arg.filename": "/nope" });
});

test("an exec's parameters and times print as Falco prints them", () => {
  const world = new World();
  const event = world.event(
    exec(20, 1, "x", ["-l", "a"], {
      time: BOOT + 50_000_000_000n,
      task: { euid: 1000, egid: 1000, uid: 0, loginUid: 1000, capEffective: 3n, pidNamespaceStart: 5 },
      image: { exeWritable: true, exeFromMemfd: true, exeInode: 7, exeCtime: BOOT + 19_000_000_000n, exeMtime: BOOT },
    }),
  );
  expectFields(event, {
    "evt.arg.flags": "EXE_WRITABLE|EXE_FROM_MEMFD",
    "evt.arg.args": "-l.a.",
    "evt.arg.exe": "./x",
    "evt.arg.uid": "ann",
    "proc.is_exe_writable": true,
    "proc.is_exe_from_memfd": true,
    "proc.is_exe_upper_layer": false,
    "proc.exe_ino": 7,
    "proc.exe_ino.mtime": BOOT,
    "proc.exe_ino.ctime_duration_proc_start": 1_000_000_000,
    "proc.exe_ino.ctime_duration_pidns_start": 18_999_999_995,
    "proc.duration": 30_000_000_000,
    "proc.pid.ts": BOOT + 20_000_000_000n,
    "proc.pidns_init_start_ts": BOOT + 5n,
    "thread.cap_effective": "CAP_CHOWN CAP_DAC_OVERRIDE",
    "thread.cap_permitted": "",
    "user.uid": 1000,
    "user.name": "ann",
    "user.homedir": "/home/ann",
    "user.shell": "/bin/sh",
    "user.loginuid": 1000,
    "user.loginname": "ann",
    "group.name": "ann",
    "fd.name": null,
    "fd.num": null,
  });
  const nobody = world.event({ task: { euid: 4242, egid: 4242 } });
  expectFields(nobody, { "user.name": "<NA>", "user.loginuid": -1, "user.loginname": "<NA>", "group.name": "<NA>" });
});

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
    { task: taskOf({ pid: 30, ppid: 20, startTime: 30_000_000_000, comm: "old" }), image: imageOf({ comm: "old" }) },
    { task: taskOf({ pid: 20, ppid: 1, startTime: 20_000_000_000, comm: "bash" }), image: imageOf({ comm: "bash" }) },
    { task: taskOf({ pid: 1, ppid: 0, startTime: 1, comm: "init" }), image: imageOf({ comm: "init" }) },
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

test("figures of an exec are kept for its process", () => {
  const world = new World();
  const event = world.event(
    exec(20, 1, "x", [], { params: { pgft_maj: 2, pgft_min: 30, vm_size: 4096, vm_rss: 512, vm_swap: 0 } }),
  );
  expectFields(event, {
    "proc.vmsize": 4096,
    "proc.vmrss": 512,
    "thread.vmsize.b": 4194304,
    "thread.pfmajor": 2,
    "proc.vmswap": 0,
  });
  assert.equal(read(world.event({ task: { pid: 999, startTime: 1 } }), "proc.vmsize"), null);
});

test("a detached event stays what it was", () => {
  const world = new World();
  const event = world.event({ ...exec(20, 1, "bash", ["-l"]), paths: [{ raw: "/bin/bash" }] });
  const kept = event.detach();
  world.event(exec(20, 1, "other"));
  expectFields(kept, {
    "proc.name": "bash",
    "proc.cmdline": "bash -l",
    "evt.type": "execve",
    "evt.arg.filename": "/bin/bash",
  });
});
