import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createLogger } from "@falco-efk/kit";
import { kernelFacts } from "@falco-efk/probe";
import { type RunningEngine, startEngine } from "../src/run-engine.ts";
import { atEnd, linesOf, temporaryFolder, until } from "./support.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

/** Why this machine can't be watched; null when it can. */
function obstacle(): string | null {
  if (process.platform !== "linux") return "the probe runs on Linux";
  const { missingCapabilities, btf } = kernelFacts();
  if (missingCapabilities.length > 0) return `missing capabilities: ${missingCapabilities.join(", ")}`;
  return btf ? null : "the kernel has no BTF";
}

/** Skips with the reason, or fails where FALCO_EFK_REQUIRE_LIVE says that the kernel must be there. */
function needsKernel(context: TestContext): boolean {
  const reason = obstacle();
  if (reason === null) return true;
  if (process.env["FALCO_EFK_REQUIRE_LIVE"] === "1") assert.fail(`the live kernel is required: ${reason}`);
  context.skip(reason);
  return false;
}

interface Rig {
  readonly running: RunningEngine;
  readonly folder: string;
  readonly target: string;
  readonly events: string;
  readonly rules: string;
  alerts(): Record<string, unknown>[];
}

const rule = (name: string, condition: string, output: string): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: ${JSON.stringify(output)}\n  priority: WARNING\n`;

async function start(
  context: TestContext,
  rulesFor: (target: string) => string,
  ...assignments: string[]
): Promise<Rig> {
  const folder = temporaryFolder(context);
  const target = join(folder, "secret");
  const events = join(folder, "events.json");
  const rules = join(folder, "rules.yaml");
  writeFileSync(target, "secret");
  writeFileSync(rules, rulesFor(target));
  const running = await startEngine({
    configRequest: {
      file: null,
      assignments: [
        "json_output=true",
        "stdout_output.enabled=false",
        "webserver.enabled=false",
        "file_output.enabled=true",
        "file_output.keep_alive=true",
        `file_output.filename=${events}`,
        ...assignments,
      ],
      environment: {},
    },
    rulesPaths: [rules],
    log: createLogger("falco-engine", { level: "silent" }),
  });
  atEnd(context, () => running.close());
  const alerts = (): Record<string, unknown>[] =>
    linesOf(events).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { running, folder, target, events, rules, alerts };
}

const fields = (alert: Record<string, unknown> | undefined): Record<string, unknown> =>
  (alert?.["output_fields"] ?? {}) as Record<string, unknown>;

const OPENED = "evt.type in (open, openat, openat2)";

test("a file that is read is an alert in the file, with who did it", async (t) => {
  if (!needsKernel(t)) return;
  const rig = await start(t, (target) =>
    rule("Read", `${OPENED} and fd.name = ${target}`, "%proc.name %proc.cmdline %proc.pname %user.uid %proc.exepath"),
  );
  const cat = join(rig.folder, "my-cat");
  copyFileSync("/bin/cat", cat);
  const before = Date.now();
  execFileSync(cat, [rig.target]);
  const alert = await until(() => rig.alerts()[0]);
  const { "evt.time": time, "proc.pname": parent, ...rest } = fields(alert);
  assert.equal(parent, basename(process.execPath), "a process keeps its exec's name whatever its threads are called");
  assert.deepEqual(Object.fromEntries(Object.entries(rest).filter(([key]) => !/^(container|k8s)\./.test(key))), {
    "proc.cmdline": `my-cat ${rig.target}`,
    "proc.exepath": cat,
    "proc.name": "my-cat",
    "user.uid": process.getuid?.() ?? 0,
  });
  assert.ok(Math.abs(Number(time) / 1e6 - before) < 2000, "the event's time is the wall clock's");
});

test("neither a link nor a relative name hides a file", async (t) => {
  if (!needsKernel(t)) return;
  const rig = await start(t, (target) => rule("Read", `${OPENED} and fd.name = ${target}`, "%fd.name %proc.args"));
  const link = join(rig.folder, "link");
  symlinkSync(rig.target, link);
  execFileSync("cat", [link]);
  execFileSync("cat", ["secret"], { cwd: rig.folder });
  execFileSync("cat", [`../${rig.folder.split("/").at(-1)}/./secret`], { cwd: rig.folder });
  await until(() => rig.alerts().length === 3);
  assert.deepEqual(
    rig.alerts().map((alert) => fields(alert)["fd.name"]),
    [rig.target, rig.target, rig.target],
  );
});

test("the kernel's filter changes no verdict and keeps most events away", async (t) => {
  if (!needsKernel(t)) return;
  const counts: number[] = [];
  for (const pushdown of [true, false]) {
    const rig = await start(
      t,
      (target) => rule("Read", `${OPENED} and fd.name = ${target}`, "%fd.name"),
      `engine.pushdown=${pushdown}`,
    );
    execFileSync("sh", ["-c", `for i in 1 2 3 4 5; do cat ${rig.target} /etc/hostname > /dev/null; done`]);
    await until(() => rig.alerts().length === 5);
    counts.push(rig.running.engine.view.source()?.byType["openat"]?.passed ?? 0);
    await rig.running.close();
    assert.equal(rig.alerts().length, 5);
  }
  const [narrow = 0, wide = 0] = counts;
  assert.ok(narrow >= 5 && narrow < wide / 2, `${narrow} of ${wide} opens passed`);
});

test("reloads in a stream of events lose and double nothing, new event types included", async (t) => {
  if (!needsKernel(t)) return;
  const read = (target: string): string => rule("Read", `${OPENED} and fd.name = ${target}`, "%fd.name");
  const rig = await start(t, read, "watch_config_files=false");
  const total = 3000;
  const script = `const fs=require("fs");let n=0;const t=setInterval(()=>{for(let i=0;i<20&&n<${total};i++,n++)fs.closeSync(fs.openSync(process.argv[1]));if(n===${total})clearInterval(t)},10)`;
  const child = spawn(process.execPath, ["-e", script, rig.target], { stdio: "inherit" });
  const ended = once(child, "exit");
  const more = [
    rule("Connect", "evt.type = connect and fd.sport = 1", "c"),
    rule("Link", "evt.type = symlinkat and evt.arg.target = /nowhere", "l"),
    rule("Mkdir", "evt.type = mkdirat and evt.arg.path = /nowhere", "m"),
  ];
  for (let count = 0; count <= more.length; count++) {
    writeFileSync(rig.rules, read(rig.target) + more.slice(0, count).join(""));
    assert.equal(await rig.running.reload(), true);
  }
  await ended;
  await until(() => rig.alerts().length >= total, 10_000);
  await rig.running.close();
  assert.equal(rig.alerts().length, total);
});

test("rules that are added by a reload see their new event types", async (t) => {
  if (!needsKernel(t)) return;
  const rig = await start(
    t,
    (target) => rule("Read", `${OPENED} and fd.name = ${target}`, "%fd.name"),
    "watch_config_files=false",
  );
  const server = createServer((socket) => socket.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  const { port } = server.address() as { port: number };
  writeFileSync(rig.rules, rule("Connect", `evt.type = connect and fd.sport = ${port}`, "%fd.name %proc.name"));
  assert.equal(await rig.running.reload(), true);
  const script = `require("net").connect(${port}, "127.0.0.1").on("close", () => process.exit()).resume()`;
  await once(spawn(process.execPath, ["-e", script]), "exit");
  const alert = await until(() => rig.alerts()[0]);
  assert.match(String(fields(alert)["fd.name"]), new RegExp(`->127\\.0\\.0\\.1:${port}$`));
});

test("the engine's own files never alert, the same file read by another does", async (t) => {
  if (!needsKernel(t)) return;
  const rig = await start(
    t,
    (target) => rule("Any", `${OPENED} and fd.name startswith ${join(target, "..")}/`, "%fd.name by %proc.name"),
    "file_output.keep_alive=false",
  );
  execFileSync("cat", [rig.target]);
  await until(() => existsSync(rig.events) && rig.alerts().length > 0);
  execFileSync("cat", [rig.events]);
  await until(() => rig.alerts().some((alert) => fields(alert)["fd.name"] === rig.events));
  assert.deepEqual([...new Set(rig.alerts().map((alert) => fields(alert)["proc.name"]))], ["cat"]);
});

test("a program that alerts are given to causes no alerts itself, though anybody else's run of it does", async (t) => {
  if (!needsKernel(t)) return;
  const condition = "evt.type in (execve, execveat) and proc.name = cat and proc.args contains falco-engine-test";
  const rig = await start(
    t,
    () => rule("Cat", condition, "%proc.cmdline"),
    'program_output={enabled: true, program: "cat - /dev/null falco-engine-test > /dev/null 2>&1"}',
  );
  for (let count = 1; count <= 3; count++) {
    execFileSync("sh", ["-c", "cat falco-engine-test 2> /dev/null || true"]);
    await until(() => rig.alerts().length === count);
    await until(() => rig.running.engine.view.outputs()["program"]?.delivered === count);
  }
  await until(() => rig.running.engine.view.ownAlerts() === 3);
  assert.equal(rig.running.engine.counts.total, 3);
});

test("as a program it takes SIGHUP and SIGUSR1, and ends on SIGINT with the summary", async (t) => {
  if (!needsKernel(t)) return;
  const folder = temporaryFolder(t);
  const target = join(folder, "secret");
  const rules = join(folder, "rules.yaml");
  const events = join(folder, "events.txt");
  writeFileSync(target, "");
  writeFileSync(rules, rule("First", `${OPENED} and fd.name = ${target}`, "first"));
  const options = [
    "webserver.enabled=false",
    "watch_config_files=false",
    "stdout_output.enabled=false",
    "file_output.enabled=true",
    "file_output.keep_alive=true",
    `file_output.filename=${events}`,
  ];
  const child = spawn(
    process.execPath,
    ["--conditions=@falco-efk/source", CLI, "-r", rules, ...options.flatMap((option) => ["-o", option])],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  atEnd(t, () => child.kill("SIGKILL"));
  let out = "";
  let log = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    log += data.toString();
  });
  const closed = once(child, "close");
  await until(() => log.includes("1 rules from"), 20_000);
  execFileSync("cat", [target]);
  await until(() => linesOf(events).length === 1);
  renameSync(events, `${events}.1`);
  child.kill("SIGUSR1");
  await until(() => existsSync(events));
  writeFileSync(rules, rule("Second", `${OPENED} and fd.name = ${target}`, "second"));
  child.kill("SIGHUP");
  await until(() => log.includes("loaded again"));
  execFileSync("cat", [target]);
  await until(() => linesOf(events).length === 1);
  assert.match(linesOf(events)[0] ?? "", /^\d\d:\d\d:\d\d\.\d{9}: Warning second/);
  child.kill("SIGINT");
  const [code] = (await closed) as [number];
  assert.equal(code, 0);
  assert.equal(
    out,
    "Events detected: 2\nRule counts by severity:\n   Warning: 2\nTriggered rules by rule name:\n   First: 1\n   Second: 1\n",
  );
});
