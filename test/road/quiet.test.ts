import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { live, startSuite } from "../support/suite.ts";
import { until } from "../support/until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WATCHED_SECONDS = 60;

test("a minute of normal life gives no alert: npm ci below root's home, a package list, a shell", {
  skip: live ? false : "needs root: the live kernel is watched",
}, async (t) => {
  const project = mkdtempSync(join(homedir(), "quiet-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    copyFileSync(join(ROOT, file), join(project, file));
  for (const manifest of globSync(["packages/*/package.json", "test/package.json", "bench/package.json"], {
    cwd: ROOT,
  })) {
    mkdirSync(join(project, dirname(manifest)), { recursive: true });
    copyFileSync(join(ROOT, manifest), join(project, manifest));
  }
  const suite = await startSuite([]);
  t.after(() => suite.remove());
  await suite.running();
  const begin = Date.now();
  execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: project, stdio: "ignore" });
  execFileSync("sh", ["-c", "dpkg -l >/dev/null; ls -l /etc /root >/dev/null; id; date"], { stdio: "ignore" });
  await sleep(Math.max(0, WATCHED_SECONDS * 1000 - (Date.now() - begin)));
  const alerts = (await suite.events()).map((event) => `${event.rule}: ${event.output}`);
  assert.deepEqual(alerts.slice(0, 10), []);

  // It was not deaf meanwhile.
  execFileSync("sh", ["-c", 'cp /bin/cat "$1/spy" && "$1/spy" /etc/shadow >/dev/null', "sh", suite.data]);
  await until("the alert of a read that matters", 5000, async () => ((await suite.events()).length > 0 ? true : null));
});
