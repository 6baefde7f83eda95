import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { kernelFacts } from "@falco-efk/probe";
import { atEnd, linesOf, temporaryFolder, until } from "./support.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const SHELLS = 1000;
/** Bytes of an environment that can't be packed well. */
const PADDING = 50_000;
/** Megabytes between what the engine says it needs at least and the budget. */
const MORE = 24;

interface Engine {
  readonly child: ChildProcess;
  log(): string;
  readonly ended: Promise<unknown>;
}

function startEngine(context: TestContext, folder: string, ...options: string[]): Engine {
  const settings = {
    "file_output.enabled": true,
    "file_output.keep_alive": true,
    "file_output.filename": join(folder, "events.json"),
    "stdout_output.enabled": false,
    "webserver.listen_port": 0,
    json_output: true,
    log_syslog: false,
  };
  const given = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const child = spawn(
    process.execPath,
    ["--conditions=@falco-efk/source", CLI, ...given, "-r", join(folder, "rules.yaml"), ...options],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  child.stderr.on("data", (data: Buffer) => {
    log += data.toString();
  });
  const ended = once(child, "close");
  atEnd(context, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, log: () => log, ended };
}

/** Resident bytes of a process without the kernel's ring buffer. */
function memoryOf(pid: number | undefined): number {
  let bytes = 0;
  let ring = false;
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) ring = line.includes("bpf-map");
    const [, kilobytes] = /^Rss:\s+(\d+)/.exec(line) ?? [];
    if (kilobytes !== undefined && !ring) bytes += Number(kilobytes) * 1024;
  }
  return bytes;
}

/** A shell with a long environment that opens the target once it's told to. */
async function startShell(context: TestContext, target: string, number: number): Promise<ChildProcess> {
  const shell = spawn("/bin/sh", ["-c", `read go; : < ${target}; read end`], {
    env: { PADDING: randomBytes((PADDING / 4) * 3).toString("base64"), MARK: `shell-${number}` },
    stdio: ["pipe", "ignore", "ignore"],
  });
  context.after(() => shell.kill("SIGKILL"));
  await once(shell, "spawn");
  return shell;
}

/** Skips with the reason, or fails where the kernel must be there. */
function needsKernel(context: TestContext): boolean {
  const { missingCapabilities, btf } = kernelFacts();
  if (missingCapabilities.length === 0 && btf) return true;
  assert.notEqual(process.env["FALCO_EFK_REQUIRE_LIVE"], "1", "the live kernel is required");
  context.skip("the kernel can't be watched here");
  return false;
}

test("an idle engine gives back what its start needed: it takes no more than 88 MB without its ring buffer", async (context) => {
  if (!needsKernel(context)) return;
  const folder = temporaryFolder(context);
  const stock = fileURLToPath(new URL("../../../../shared/stock-rules/falco_rules.yaml", import.meta.url));
  context.diagnostic(existsSync(stock) ? "with Falco's stable rules" : "with the suite's own rules");
  const own = fileURLToPath(new URL("../../../rules/falco_rules.yaml", import.meta.url));
  copyFileSync(existsSync(stock) ? stock : own, join(folder, "rules.yaml"));
  const { child, log } = startEngine(context, folder);
  await until(() => /metrics at/.exec(log()), 30_000);
  let least = Number.POSITIVE_INFINITY;
  await until(() => {
    least = Math.min(least, memoryOf(child.pid));
    return least <= 88 * 1024 ** 2;
  }, 30_000).catch(() => undefined);
  assert.ok(least <= 88 * 1024 ** 2, `${least} bytes`);
  context.diagnostic(`${Math.round(least / 1024 ** 2)} MB`);
});

test("under a memory budget details go, are counted, and are read again where a rule needs them: every alert is right", async (context) => {
  if (!needsKernel(context)) return;
  const folder = temporaryFolder(context);
  const target = join(folder, "target");
  writeFileSync(target, "");
  writeFileSync(
    join(folder, "rules.yaml"),
    `- rule: Marked shell reads the target
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = ${target} and proc.env[MARK] startswith shell-
  output: read (mark=%proc.env[MARK])
  priority: WARNING
`,
  );
  const refused = startEngine(context, folder, "--max-rss", "20M");
  await refused.ended;
  const [, least] = /--max-rss: engine\.max_rss: 20M is less than .*: (\d+)M \(allow more/.exec(refused.log()) ?? [];
  assert.ok(least !== undefined && refused.child.exitCode === 1, refused.log());

  const budget = (Number(least) + MORE) * 1024 ** 2;
  // A large ring: what else happens on the machine meanwhile shall not crowd out what is looked for here.
  const ring = ["-o", "engine.modern_ebpf.buf_size_preset=7"];
  const engine = startEngine(context, folder, "--max-rss", `${Number(least) + MORE}M`, ...ring);
  const url = await until(() => /metrics at (\S+)/.exec(engine.log())?.[1], 30_000);
  const shells: ChildProcess[] = [];
  let most = 0;
  for (let number = 0; number < SHELLS; number++) {
    shells.push(await startShell(context, target, number));
    if (number % 20 === 0) most = Math.max(most, memoryOf(engine.child.pid));
  }
  for (const shell of shells) shell.stdin?.write("\n");
  const events = join(folder, "events.json");
  const alerts = (): Record<string, unknown>[] =>
    linesOf(events).map((line) => JSON.parse(line) as Record<string, unknown>);
  const marks = (): unknown[] =>
    alerts().flatMap((alert) => (alert["output_fields"] as Record<string, unknown>)["proc.env[MARK]"] ?? []);
  const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  try {
    await until(() => {
      most = Math.max(most, memoryOf(engine.child.pid));
      return marks().length >= SHELLS;
    }, 30_000);
  } catch {
    assert.fail(`${marks().length} of ${SHELLS} alerts; ${engine.log()}${await metrics()}`);
  }
  const wanted = Array.from({ length: SHELLS }, (_, number) => `shell-${number}`);
  assert.deepEqual(marks().sort(), wanted.sort());
  context.diagnostic(`most ${Math.round(most / 1024 ** 2)} MB of a budget of ${budget / 1024 ** 2} MB`);
  console.log(engine.log());
  assert.ok(most <= budget, `${most} bytes of ${budget}`);

  const text = await metrics();
  const counter = (name: string): number =>
    Number(new RegExp(`^falcosecurity_falco_memory_${name} (\\d+)$`, "m").exec(text)?.[1]);
  assert.ok(counter('shed_total\\{detail="environments"\\}') > 100, text);
  assert.ok(counter('reread_total\\{detail="environments"\\}') > 0, text);
  assert.equal(counter('missing_total\\{detail="environments"\\}'), 0);
  assert.equal(counter("budget_bytes"), budget);
  assert.match(engine.log(), /warning: Falco internal: memory budget\. \d+M of \d+M are used\. \d+ unpacked strings/);
  const internal = alerts().filter((alert) => alert["rule"] === "Falco internal: memory budget");
  assert.equal(internal.length, 1);
  assert.match(JSON.stringify(internal[0]?.["output_fields"]), /"n_unpacked_strings":"\d+"/);
  engine.child.kill("SIGTERM");
  await engine.ended;
  assert.equal(engine.child.exitCode, 0, engine.log());
});
