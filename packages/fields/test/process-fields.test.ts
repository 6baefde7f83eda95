import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordInput } from "@falco-efk/event";
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
    "proc.name": "node",
    "proc.aname[0]": "node",
    "proc.exe": "./node",
    "proc.cmdline": "node app.js",
    "thread.tid": 25,
    "thread.nametid": "node25",
    "thread.ismain": false,
  });
  assert.equal(world.services.processes.get(20)?.comm, "node");
  assert.equal(world.services.processes.counters.running, 1);
});

test("a process that renames itself keeps the name of its exec, for its children too, and a fork has what the kernel gave it", () => {
  const world = new World();
  world.event(exec(20, 1, "sh", ["-c", "x"]));
  const renamed = { pid: 20, ppid: 1, comm: "kworker/0:1", startTime: 20_000_000_000 };
  expectFields(world.event({ task: renamed }), { "proc.name": "sh", "proc.cmdline": "sh -c x" });
  expectFields(world.event(exec(30, 20, "cat")), { "proc.pname": "sh", "proc.aname[1]": "sh" });
  world.event({
    type: "clone",
    result: 0,
    params: { flags: 0 },
    task: { ...renamed, pid: 40, ppid: 20, startTime: 40 },
    image: { comm: "kworker/0:1", exe: "./sh", exePath: "/usr/bin/sh" },
  });
  const child = world.event({ task: { pid: 40, ppid: 20, comm: "again", startTime: 40 } });
  expectFields(child, { "proc.name": "kworker/0:1", "proc.exepath": "/usr/bin/sh" });
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

test("every execution has a name of its own", () => {
  const world = new World();
  const id = (input: RecordInput) => read(world.event(input), "proc.exec_id");
  const task = { pid: 20, ppid: 1, comm: "a", startTime: 20_000_000_000 };
  const first = id({ ...exec(20, 1, "a"), time: BOOT + 30_000_000_000n });
  assert.equal(id({ task }), first);
  assert.notEqual(id({ ...exec(20, 1, "b"), time: BOOT + 31_000_000_000n }), first);
  assert.notEqual(id({ ...exec(21, 1, "a"), time: BOOT + 30_000_000_000n }), first);
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
