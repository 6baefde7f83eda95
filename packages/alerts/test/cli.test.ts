import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { lockState } from "../src/state/lock-state.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "falco-alert-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, "alerts.yml"),
  `elasticsearch: { url: "http://127.0.0.1:1" }
recipients:
  team: { type: slack, url: "\${SLACK_WEBHOOK_URL}" }
rules:
  - { name: many, when: count above 1000 in the last 5 minutes, recipients: [team] }
`,
);

function falcoAlert(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=@falco-efk/source", CLI, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, SLACK_WEBHOOK_URL: "http://127.0.0.1:1/hook" },
  });
  return { status, stdout, stderr };
}

test("check says what alerts.yml holds", () => {
  const { status, stdout } = falcoAlert("check");
  assert.equal(status, 0);
  assert.match(stdout, /many: count above 1000 in the last 5 minutes → team\n1 rule, 1 recipient\.\n$/);
});

test("a sample to a recipient that is down is one line and a failure, and stands in the history", () => {
  const { status, stdout } = falcoAlert("test", "many");
  assert.equal(status, 1);
  assert.equal(stdout, "team: not sent: connection refused\n");
  assert.match(falcoAlert("history").stdout, /Falco alert many \(sample message\)/);
  assert.equal(statSync(join(folder, "falco-alert.db")).mode & 0o777, 0o600);
});

test("a dry run keeps nothing and says why a rule can't be evaluated", () => {
  const { status, stdout } = falcoAlert("once", "--dry-run", "--state", "dry.db");
  assert.equal(status, 1);
  assert.equal(stdout, "many: http://127.0.0.1:1 can't be reached: connection refused\n");
  assert.throws(() => statSync(join(folder, "dry.db")), { code: "ENOENT" });
});

test("a second one on the same state would send everything twice, and is refused", async () => {
  falcoAlert("history", "--state", "held.db");
  const unlock = await lockState(join(folder, "held.db"));
  for (const command of ["run", "once"]) {
    const { status, stderr } = falcoAlert(command, "--state", "held.db");
    assert.equal(status, 1);
    assert.match(stderr, /^falco-alert: held\.db: is in use by another falco-alert, .*\n$/m);
  }
  await unlock();
});

for (const [what, args, pattern] of [
  [
    "a missing file",
    ["check", "-c", "none.yml"],
    /^falco-alert: none\.yml: can't be read: no such file or directory\n$/,
  ],
  ["an unknown rule", ["test", "nope"], /^falco-alert: there is no rule nope \(there are many\)\n$/],
  ["an unknown option", ["check", "--colour"], /^falco-alert: unknown option '--colour'\n/],
  [
    "a state that can't be written",
    ["history", "--state", "/proc/x.db"],
    /^falco-alert: \/proc\/x\.db: the state can't be opened: /,
  ],
] as const) {
  test(`${what} is one clear line and a failure`, () => {
    const { status, stderr } = falcoAlert(...args);
    assert.notEqual(status, 0);
    assert.match(stderr, pattern);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });
}
