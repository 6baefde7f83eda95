import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "../support/requirements.ts";
import { until } from "../support/until.ts";

const RSYSLOGD = ["/usr/sbin/rsyslogd", "/sbin/rsyslogd"].find((path) => existsSync(path));

test("a stock tailer, rsyslog's imfile, reads every line of the engine's file as it was written, over a rotation", {
  skip: RSYSLOGD === undefined ? "needs rsyslog" : false,
  timeout: 120_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "falco-efk-mix-"));
  const file = join(folder, "falco_events.json");
  const received = join(folder, "received");
  const config = join(folder, "rsyslog.conf");
  writeFileSync(
    config,
    [
      `global(workDirectory="${folder}" maxMessageSize="64k")`,
      'module(load="imfile" mode="inotify")',
      `input(type="imfile" file="${file}" tag="falco" reopenOnTruncate="on")`,
      'template(name="line" type="string" string="%msg%\\n")',
      `action(type="omfile" file="${received}" template="line")`,
      "",
    ].join("\n"),
  );
  assert.equal(spawnSync(RSYSLOGD as string, ["-N1", "-f", config]).status, 0, "rsyslog takes its configuration");
  const rsyslog = spawn(RSYSLOGD as string, ["-n", "-f", config, "-i", join(folder, "pid")], { stdio: "ignore" });
  t.after(async () => {
    rsyslog.kill("SIGTERM");
    if (rsyslog.exitCode === null) await once(rsyslog, "exit");
    rmSync(folder, { recursive: true });
  });

  const first = await writeAlerts(file);
  await until("the first file's lines", 30_000, () => linesOf(received).length >= first.length || null);
  renameSync(file, `${file}.1`);
  const second = await writeAlerts(file);
  await until(
    "the second file's lines",
    60_000,
    () => linesOf(received).length >= first.length + second.length || null,
  );
  assert.ok(first.length > 10, `${first.length} lines`);
  assert.deepEqual(linesOf(received), [...first, ...second]);
});

/** Replays the recorded sample into the file and gives its lines. */
async function writeAlerts(file: string): Promise<string[]> {
  const settings = ["json_output=true", "file_output.enabled=true", `file_output.filename=${file}`];
  await promisify(execFile)(process.execPath, [
    ...["--conditions=@falco-efk/source", "--disable-warning=ExperimentalWarning"],
    ...[join(ROOT, "packages/engine/src/cli.ts"), "-e", join(ROOT, "packages/up/captures/sample.capture")],
    ...["-r", join(ROOT, "rules/falco_rules.yaml"), ...settings.flatMap((setting) => ["-o", setting])],
  ]);
  return linesOf(file);
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}
