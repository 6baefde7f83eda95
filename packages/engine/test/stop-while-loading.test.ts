import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { kernelFacts } from "@falco-efk/probe";
import { atEnd, linesOf, temporaryFolder, until } from "./support.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
/** A hundred rules, which take a while. */
const RULES = fileURLToPath(new URL("../../../rules/falco_rules.yaml", import.meta.url));

interface Stopped {
  readonly code: number | null;
  readonly out: string;
  readonly log: string;
  readonly pidLeft: boolean;
  readonly events: readonly string[];
}

/** Starts the program, sends it signals once it has its pid file and has logged a text, and tells how it ended. */
async function stop(
  context: TestContext,
  options: readonly string[],
  logged: string,
  ...signals: readonly NodeJS.Signals[]
): Promise<Stopped> {
  const folder = temporaryFolder(context);
  const pid = join(folder, "pid");
  const events = join(folder, "events.json");
  const settings = [
    "webserver.enabled=false",
    "log_syslog=false",
    "json_output=true",
    "file_output.enabled=true",
    `file_output.filename=${events}`,
    ...options,
  ];
  const child = spawn(
    process.execPath,
    [
      "--conditions=@falco-efk/source",
      CLI,
      "-r",
      RULES,
      "--pidfile",
      pid,
      ...settings.flatMap((setting) => ["-o", setting]),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  atEnd(context, () => child.kill("SIGKILL"));
  const texts = { out: "", log: "" };
  child.stdout.on("data", (data: Buffer) => {
    texts.out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    texts.log += data.toString();
  });
  const ended = once(child, "close");
  await until(() => existsSync(pid) && readFileSync(pid, "utf8") === String(child.pid), 30_000);
  await until(() => texts.log.includes(logged), 30_000);
  for (const signal of signals) child.kill(signal);
  const [code] = (await ended) as [number | null];
  return { code, ...texts, pidLeft: existsSync(pid), events: existsSync(events) ? linesOf(events) : [] };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} while rules are loaded ends the program cleanly`, async (context) => {
    const stopped = await stop(context, ["engine.kind=nodriver"], "", signal);
    assert.equal(stopped.code, 0, stopped.log);
    assert.match(stopped.log, /info: stopped before everything was loaded\n$/);
    assert.doesNotMatch(stopped.log, /rules from/);
    assert.deepEqual([stopped.out, stopped.pidLeft, stopped.events], ["", false, []]);
  });
}

test("SIGHUP while rules are loaded does nothing", async (context) => {
  const stopped = await stop(context, ["engine.kind=nodriver"], "", "SIGHUP", "SIGTERM");
  assert.equal(stopped.code, 0, stopped.log);
  assert.equal(stopped.pidLeft, false);
});

test("a signal as soon as the kernel is watched ends it cleanly too", async (context) => {
  const { missingCapabilities, btf } = kernelFacts();
  if (missingCapabilities.length > 0 || !btf) {
    assert.notEqual(process.env["FALCO_EFK_REQUIRE_LIVE"], "1", "the live kernel is required");
    context.skip("the kernel can't be watched here");
    return;
  }
  const stopped = await stop(context, [], "watching the kernel", "SIGTERM");
  assert.equal(stopped.code, 0, stopped.log);
  assert.equal(stopped.pidLeft, false);
  for (const line of stopped.events) JSON.parse(line);
});
