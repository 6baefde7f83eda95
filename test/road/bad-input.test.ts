import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { live, startSuite } from "../support/suite.ts";

const folder = mkdtempSync(join(tmpdir(), "efk-bad-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the suite until it ends by itself: the exit code and what it said on its last line. */
async function fate(
  args: readonly string[],
  data = join(folder, "data"),
): Promise<{ code: number; last: string; output: string }> {
  const suite = await startSuite(args, data);
  const code = await suite.ended;
  const output = suite.output();
  return { code, last: output.trimEnd().split("\n").at(-1) ?? "", output };
}

function assertOneClearLine(result: { code: number; output: string }): void {
  assert.notEqual(result.code, 0, result.output);
  assert.doesNotMatch(result.output, /\n\s+at .+:\d+:\d+/, "a stack trace is a defect");
}

test("an unknown option is one line", async () => {
  const result = await fate(["--genrate"]);
  assertOneClearLine(result);
  assert.match(result.output, /falco-efk: unknown option '--genrate'/);
});

test("a rules file that can't be read is one line with its name", { skip: live ? false : "needs root" }, async () => {
  const missing = join(folder, "none.yaml");
  const result = await fate(["--rules", missing]);
  assertOneClearLine(result);
  assert.match(result.output, /there are no rules .*none\.yaml/);
});

test("a rule with a syntax error is told with file, line and column", {
  skip: live ? false : "needs root",
}, async () => {
  const rules = join(folder, "broken.yaml");
  writeFileSync(
    rules,
    "- rule: Broken\n  desc: d\n  condition: evt.type = open and (proc.name = \n  output: o\n  priority: INFO\n",
  );
  const result = await fate(["--rules", rules]);
  assertOneClearLine(result);
  assert.match(result.output, /broken\.yaml:\d+:\d+/);
});

test("a port in use is one line with the port", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const result = await fate(["--es-port", String(port)]);
  assertOneClearLine(result);
  assert.match(result.last, new RegExp(`can't listen on 127\\.0\\.0\\.1:${port}: the address is already in use`));
});

test("a data folder that can't be made is one line", async () => {
  const file = join(folder, "a-file");
  writeFileSync(file, "");
  chmodSync(file, 0o400);
  const result = await fate([], join(file, "data"));
  assertOneClearLine(result);
  assert.match(result.last, /data folder .*a-file\/data can't be used/);
});

test("a full disk stops it in order, and what was written is whole", {
  skip: live ? false : "needs root: mounts a small tmpfs",
}, async (t) => {
  const small = join(folder, "small");
  execFileSync("mkdir", [small]);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", small]);
  t.after(() => execFileSync("umount", ["--lazy", small]));
  const suite = await startSuite(["--generate"], small);
  await suite.running();
  execFileSync("sh", ["-c", `head -c 60m /dev/zero >"${small}/filler" || true`], { stdio: "ignore" });
  const code = await suite.ended;
  assertOneClearLine({ code, output: suite.output() });
  assert.match(suite.output(), /the disk is full: \d+ MiB are left below/);
  await suite.events();

  rmSync(join(small, "filler"));
  const again = await startSuite(["--for", "5"], small);
  assert.equal(await again.ended, 0, again.output());
});
