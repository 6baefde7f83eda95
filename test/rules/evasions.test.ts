import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DEFAULT_RULES, type LiveEngine, type RuleInput, startEngine } from "../support/engine.ts";
import { live } from "../support/suite.ts";

const SHADOW = "/etc/shadow";
const READS = "Read sensitive file untrusted";
const SOURCE = fileURLToPath(new URL("../../packages/probe/test/evasions.c", import.meta.url));
const needsRoot = { skip: live ? false : "needs root: the live kernel is watched" };

const OWN: readonly RuleInput[] = [
  {
    rule: "Needle opened",
    condition: "evt.type in (open, openat, openat2) and fd.filename = efk-needle",
    output: "%proc.name %fd.name",
  },
  {
    rule: "Tunables given",
    condition: 'evt.type in (execve, execveat) and evt.res = SUCCESS and proc.env icontains "EFK_TUNABLE="',
    output: "%proc.name %proc.args",
  },
  {
    rule: "Impostor",
    condition: "evt.type in (execve, execveat) and proc.name = sshd and not proc.exepath startswith /usr/",
    output: "%proc.name %proc.exepath %proc.exe %proc.pname",
  },
  {
    rule: "Connected to port 1",
    condition: "evt.type = connect and fd.sport = 1 and fd.sip = 127.0.0.1",
    output: "%proc.name %fd.name %evt.res",
  },
  {
    rule: "Accepted by an evader",
    condition: "evt.type in (accept, accept4) and proc.name startswith ev-accept",
    output: "%proc.name %fd.name %fd.cip %evt.type",
  },
];

interface Scene {
  readonly folder: string;
  readonly engine: LiveEngine;
  /** Runs the evading program under a name of its own. */
  evade(name: string, way: string, ...args: string[]): void;
  /** Waits for a rule's alert of a process and gives its fields. */
  fieldsOf(rule: string, process: string): Promise<Readonly<Record<string, unknown>>>;
}

async function scene(t: TestContext): Promise<Scene> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "efk-evasions-")));
  const program = join(folder, "evasions");
  execFileSync("cc", ["-O1", "-o", program, SOURCE]);
  const engine = await startEngine({
    folder,
    rulesFiles: [DEFAULT_RULES],
    rules: OWN,
    config: { rule_matching: "all" },
  });
  t.after(() => engine.end().then(() => rmSync(folder, { recursive: true, force: true })));
  return {
    folder,
    engine,
    evade(name, way, ...args) {
      const copy = join(folder, name);
      copyFileSync(program, copy);
      execFileSync(copy, [way, ...args], { timeout: 10_000 });
    },
    async fieldsOf(rule, process) {
      const is = (alert: { rule: string; output_fields: Readonly<Record<string, unknown>> }): boolean =>
        alert.rule === rule && alert.output_fields["proc.name"] === process;
      return (await engine.alert(`"${rule}" for ${process}`, is)).output_fields;
    },
  };
}

test("what hides a deed from a rule on a path or a name doesn't", needsRoot, async (t) => {
  const { folder, evade, fieldsOf } = await scene(t);
  const place = join(folder, "place");
  mkdirSync(place);
  const link = join(folder, "link");
  symlinkSync(SHADOW, link);

  for (const way of ["plain", "openat2", "dirfd", "relative", "descriptor", "chroot", "bind-folder", "bind-root"]) {
    await t.test(`the password hashes, opened by the way ${way}`, async () => {
      evade(`ev-${way}`, way, SHADOW, place);
      assert.equal((await fieldsOf(READS, `ev-${way}`))["fd.name"], SHADOW);
    });
  }
  for (const way of ["uring", "uring2", "int80", "int80-at"]) {
    await t.test(`the password hashes, opened by the way ${way}`, async () => {
      evade(`ev-${way}`, way, SHADOW);
      assert.equal((await fieldsOf(READS, `ev-${way}`))["fd.name"], SHADOW);
    });
  }
  await t.test("the password hashes, opened by a symbolic link", async () => {
    evade("ev-symlink", "plain", link);
    assert.equal((await fieldsOf(READS, "ev-symlink"))["fd.name"], SHADOW);
  });
  await t.test("the password hashes, given a second name and opened by that", async () => {
    const twin = `/etc/efk-evasions-${process.pid}`;
    t.after(() => rmSync(twin, { force: true }));
    linkSync(SHADOW, twin);
    evade("ev-hardlink", "plain", twin);
    assert.equal((await fieldsOf(READS, "ev-hardlink"))["fd.name"], SHADOW);
    const made = await fieldsOf("Create Hardlink Over Sensitive Files", "node");
    assert.equal(made["evt.arg.oldpath"] ?? SHADOW, SHADOW);
  });
  await t.test("the password hashes, opened by a program that calls itself another", async () => {
    const copy = join(folder, "ev-argv0");
    copyFileSync("/bin/cat", copy);
    spawnSync(copy, [SHADOW], { argv0: "sshd" });
    assert.equal((await fieldsOf(READS, "ev-argv0"))["fd.name"], SHADOW);
    const perl = join(folder, "ev-comm");
    copyFileSync("/usr/bin/perl", perl);
    execFileSync(perl, ["-e", `$0 = "sshd"; open(my $file, "<", "${SHADOW}") or die`]);
    assert.equal((await fieldsOf(READS, "ev-comm"))["fd.name"], SHADOW, "a name since the exec is kept");
  });
  await t.test("a program under a trusted one's name is told by where it lies", async () => {
    const copy = join(folder, "sshd");
    copyFileSync("/bin/true", copy);
    execFileSync(copy);
    const fields = await fieldsOf("Impostor", "sshd");
    assert.equal(fields["proc.exepath"], copy);
  });

  await t.test("a file at the end of a path of 4,000 bytes", async () => {
    const part = "d".repeat(199);
    const deep = join(folder, ...new Array<string>(Math.floor((4000 - folder.length - 11) / 200)).fill(part));
    mkdirSync(deep, { recursive: true });
    const needle = join(deep, "x".repeat(4000 - deep.length - 12), "efk-needle");
    mkdirSync(join(needle, ".."));
    writeFileSync(needle, "");
    assert.equal(needle.length, 4000);
    evade("ev-long", "plain", needle);
    assert.equal((await fieldsOf("Needle opened", "ev-long"))["fd.name"], needle);
    evade("ev-long-rel", "relative", needle);
    assert.equal((await fieldsOf("Needle opened", "ev-long-rel"))["fd.name"], needle);
  });
  await t.test("a variable behind 100 kB of others", async () => {
    const padding = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`PADDING_${i}`, "x".repeat(1000)]));
    const copy = join(folder, "ev-env");
    copyFileSync("/bin/sleep", copy);
    execFileSync(copy, ["0.5"], { env: { ...padding, EFK_TUNABLE: "1" } });
    assert.equal((await fieldsOf("Tunables given", "ev-env"))["proc.args"], "0.5");
  });

  for (const way of ["connect-uring", "connect-socketcall", "connect-int80"]) {
    await t.test(`a connection by the way ${way}`, async () => {
      evade(`ev-${way}`.slice(0, 15), way, "1");
      const fields = await fieldsOf("Connected to port 1", `ev-${way}`.slice(0, 15));
      assert.match(String(fields["fd.name"]), /->127\.0\.0\.1:1$/);
      assert.equal(fields["evt.res"], "ECONNREFUSED");
    });
  }
  for (const way of ["accept-uring", "accept-uring-multishot", "accept-socketcall"]) {
    await t.test(`an accepted connection by the way ${way}`, async () => {
      const name = `ev-${way.replace("uring-", "")}`.slice(0, 15);
      evade(name, way);
      const fields = await fieldsOf("Accepted by an evader", name);
      assert.match(String(fields["fd.name"]), /^127\.0\.0\.1:\d+->127\.0\.0\.1:\d+$/);
    });
  }
});
