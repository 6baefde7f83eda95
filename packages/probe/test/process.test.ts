import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdtempSync, readlinkSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { identifyProcess } from "../src/index.ts";
import { observe, run, type Seen, typeIds } from "./live.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "probe-process-")));
after(() => rmSync(folder, { recursive: true }));

const LIFE = typeIds("execve", "execveat", "clone", "procexit");
const mine = (record: { task: { pid: number; ppid: number } }): boolean =>
  record.task.ppid === process.pid || record.task.pid === process.pid;

async function life(action: () => Promise<{ pid: number }>): Promise<Record<string, Seen>> {
  let pid = -1;
  const { events } = await observe(
    { types: LIFE },
    async () => {
      pid = (await action()).pid;
    },
    mine,
  );
  return Object.fromEntries(events.filter((event) => event.task.pid === pid).map((event) => [event.name, event]));
}

test("a program's fork, exec and exit are seen with all that an exec tells", async () => {
  const program = join(folder, "renamed cat");
  copyFileSync("/bin/cat", program);
  chmodSync(program, 0o755);
  const { clone, execve, procexit } = await life(() =>
    run(program, ["/dev/null", "-u"], { cwd: folder, env: { COLOUR: "grün", EMPTY: "" }, argv0: "liar" }),
  );
  assert.ok(clone && execve && procexit);
  const image = execve.image;
  const stat = statSync(program, { bigint: true });
  assert.equal(image?.exe, "liar");
  assert.deepEqual(image?.args, ["/dev/null", "-u"]);
  assert.deepEqual(image?.env, ["COLOUR=grün", "EMPTY="]);
  assert.equal(image?.exePath, program);
  assert.equal(image?.cwd, folder);
  assert.equal(image?.comm, "renamed cat");
  assert.equal(BigInt(image?.exeInode ?? 0), stat.ino);
  assert.equal(BigInt(image?.exeCtime ?? 0), stat.ctimeNs);
  assert.equal(BigInt(image?.exeMtime ?? 0), stat.mtimeNs);
  assert.equal(image?.exeWritable, process.getuid?.() === 0);
  assert.equal(image?.exeFromMemfd, false);
  assert.equal(execve.params["filename"], program);
  assert.equal(execve.params["res"], 0);
  assert.equal(execve.task.ppid, process.pid);
  assert.equal(execve.task.uid, process.getuid?.());
  assert.equal(execve.task.euid, process.geteuid?.());
  assert.equal(execve.task.gid, process.getgid?.());
  assert.equal(`pid:[${execve.task.pidNamespace}]`, readlinkSync("/proc/self/ns/pid"));
  assert.equal(`mnt:[${execve.task.mountNamespace}]`, readlinkSync("/proc/self/ns/mnt"));
  assert.equal(clone.task.startTime, execve.task.startTime);
  assert.equal(procexit.task.startTime, execve.task.startTime);
  assert.equal(clone.image?.exePath, realpathSync(process.execPath));
  assert.equal(procexit.params["ret"], 0);
  assert.ok(clone.time < execve.time && execve.time < procexit.time);
  assert.ok(BigInt(Date.now()) * 1_000_000n - execve.time < 60_000_000_000n);
});

test("an exit's status and signal are told apart", async () => {
  const failed = await life(() => run("/bin/sh", ["-c", "exit 7"]));
  assert.deepEqual([failed["procexit"]?.params["ret"], failed["procexit"]?.params["sig"]], [7, 0]);
  const killed = await life(() => run("/bin/sh", ["-c", "kill -9 $$"]));
  assert.equal(killed["procexit"]?.params["sig"], 9);
});

test("an exit names who takes the children, and nobody where there are none", async () => {
  const alone = await life(() => run("/bin/sh", ["-c", "exit 0"]));
  assert.equal(alone["procexit"]?.params["reaper_tid"], 0);
  let told = "";
  const parent = await life(async () => {
    // The child outlives its parent and tells who took it.
    const ran = await run("/bin/sh", [
      "-c",
      "(sleep 0.3; read -r pid name state ppid rest < /proc/self/stat; echo $ppid) &",
    ]);
    told = ran.out.trim();
    return ran;
  });
  assert.match(told, /^[1-9][0-9]*$/);
  assert.equal(String(parent["procexit"]?.params["reaper_tid"]), told);
});

test("a failed exec is seen with its error, its name and what it wanted to pass", async () => {
  const missing = join(folder, "no such program");
  const { events } = await observe(
    { types: LIFE },
    async () => {
      await run("/bin/sh", ["-c", '"$0" one two; true', missing], { env: { A: "1" } });
    },
    (record) => record.result < 0,
  );
  const event = events.find((seen) => seen.paths[0]?.raw === missing);
  assert.equal(event?.params["res"], -2);
  assert.equal(event?.image, null);
  assert.equal(event?.params["exe"], missing);
  assert.equal(Buffer.from(event?.params["args"] as Uint8Array).toString(), "one\0two\0");
});

test("an environment of 100 kB is cut and marked, and the event is not lost", async () => {
  const { execve } = await life(() => run("/bin/true", ["x"], { env: { BIG: "x".repeat(100_000) } }));
  assert.equal(execve?.marks.truncated, true);
  assert.deepEqual(execve?.image?.args, ["x"]);
  assert.equal(execve?.image?.env[0]?.length, 32767);
});

test("the scan finds this process as /proc has it and as events have it", async () => {
  let scanned: ReturnType<typeof identifyProcess> | undefined;
  const { events } = await observe(
    { types: typeIds("openat") },
    (probe) => {
      const found = probe.scanProcesses().find(({ task }) => task.pid === process.pid);
      assert.ok(found);
      assert.equal(found.image.exePath, realpathSync(process.execPath));
      assert.equal(found.image.cwd, process.cwd());
      assert.equal(found.image.exe, process.argv0);
      assert.deepEqual(found.image.args.slice(0, process.execArgv.length), process.execArgv);
      scanned = { pid: found.task.pid, startTime: found.task.startTime };
      statSync(folder);
    },
    (record) => record.task.pid === process.pid,
  );
  const identity = identifyProcess(process.pid);
  const ticks = (time: number | bigint | undefined): bigint => BigInt(time ?? 0) / 10_000_000n;
  assert.equal(ticks(scanned?.startTime), ticks(identity.startTime));
  for (const event of events) assert.equal(event.task.startTime, scanned?.startTime);
});
