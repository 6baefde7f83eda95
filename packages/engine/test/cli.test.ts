import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "@falco-efk/kit";
import { createProgram } from "../src/program.ts";
import { temporaryFolder } from "./support.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const GOOD =
  "- rule: Good\n  desc: d\n  condition: evt.type = openat and fd.name = /x\n  output: o %fd.name\n  priority: INFO\n";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program as a process of its own. */
async function spawnProgram(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, ["--conditions=@falco-efk/source", CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => {
    texts.out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    texts.err += data.toString();
  });
  const [code] = (await once(child, "close")) as [number];
  return { code, ...texts };
}

/** Runs the program within this process: the same command line, without the second that a start costs. */
async function run(context: TestContext, ...args: string[]): Promise<Outcome> {
  const texts = { out: "", err: "" };
  const keep = (key: "out" | "err") => (text: string | Uint8Array) => {
    texts[key] += String(text);
    return true;
  };
  const out = context.mock.method(process.stdout, "write", keep("out"));
  const err = context.mock.method(process.stderr, "write", keep("err"));
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    const code = await runCommand(createProgram({}), args);
    return { code, ...texts };
  } finally {
    process.exitCode = before ?? 0;
    out.mock.restore();
    err.mock.restore();
  }
}

test("what a user gets wrong is one line on standard error and an exit code", async (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string, content?: string): string => {
    if (content !== undefined) writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const good = at("good.yaml", GOOD);
  mkdirSync(at("empty"));
  const cases: readonly (readonly [args: string[], error: RegExp])[] = [
    [["--no-such-option"], /^falco-engine: unknown option '--no-such-option'/],
    [["-c", at("missing.yaml")], /missing\.yaml: can't be read: no such file or directory/],
    [["-r", at("missing.yaml")], /missing\.yaml: the rules can't be read: no such file or directory/],
    [["-r", at("empty"), "--dry-run"], /empty: there is no rules file \(\.yaml or \.yml\) in this folder/],
    [["-V", at("empty")], /empty: there is no rules file \(\.yaml or \.yml\) in this folder/],
    [["-c", at("empty"), "--dry-run"], /empty: can't be read: is a directory/],
    [["-r", at("nul.yaml", `${GOOD}\0`), "--dry-run"], /nul\.yaml:6:1: error: a NUL character/],
    [
      ["-r", at("bad.yaml", "- rule: x\n  condition: evt.type = \n"), "--dry-run"],
      /bad\.yaml:\d+:\d+: error: .*\(LOAD_ERR_/,
    ],
    [["-r", good, "-l", "Goood"], /there is no rule "Goood" \(did you mean "Good"\?\)/],
    [["-r", good, "-e", good], /good\.yaml: not a capture of falco-engine/],
    [["-r", good, "-e", at("missing.cap")], /missing\.cap: no such file or directory/],
    [["-r", good, "-o", "engine.kind=replay"], /there is no capture to replay/],
    [["-r", good, "-M", "soon"], /It must be a whole number/],
    [["--list", "k8s_audit"], /unknown event source k8s_audit/],
    [["explain", "Nope", "-r", good], /there is no rule "Nope"/],
    [["why", "Good", "-r", good], /why needs a capture/],
    [
      ["test", at("t.yaml", "tests: [{name: a, fields: {evt.type: opne}, expect: []}]")],
      /t\.yaml:1:\d+: tests\[0\]\.fields\.evt\.type: opne is no event type/,
    ],
    [
      [
        "-r",
        good,
        "-o",
        "engine.kind=nodriver",
        "-o",
        `file_output.filename=${at("no/dir")}`,
        "-o",
        "file_output.enabled=true",
      ],
      /no\/dir: file_output\.filename: can't be opened for writing/,
    ],
  ];
  for (const [args, error] of cases) {
    const { code, err } = await run(t, ...args);
    assert.notEqual(code, 0, args.join(" "));
    assert.match(err, error, args.join(" "));
    assert.ok(!err.includes("    at "), `a stack trace for ${args.join(" ")}:\n${err}`);
  }
});

test("-V judges each file, as text and as JSON", async (t) => {
  const folder = temporaryFolder(t);
  const good = join(folder, "good.yaml");
  const bad = join(folder, "bad.yaml");
  writeFileSync(good, GOOD);
  writeFileSync(
    bad,
    "- rule: Bad\n  desc: d\n  condition: evt.type = openat and nothing.known = 1\n  output: o\n  priority: INFO\n",
  );
  assert.deepEqual(await run(t, "-V", good), { code: 0, out: `${good}: Ok\n`, err: "" });
  const text = await run(t, "-V", good, "-V", bad);
  assert.equal(text.code, 1);
  assert.match(text.out, /bad\.yaml: Invalid\n[\s\S]*nothing\.known = 1\n +\^\n[\s\S]*LOAD_ERR_COMPILE_CONDITION/);
  const json = await run(t, "-V", bad, "--json");
  const results = JSON.parse(json.out) as { falco_load_results: { successful: boolean; errors: { code: string }[] }[] };
  assert.equal(results.falco_load_results[0]?.successful, false);
  assert.match(results.falco_load_results[0]?.errors[0]?.code ?? "", /^LOAD_ERR_/);
});

test("listings come as text, Markdown and JSON", async (t) => {
  const good = join(temporaryFolder(t), "good.yaml");
  writeFileSync(good, GOOD);
  assert.match((await run(t, "--version")).out, /^falco-engine version: \d+\.\d+\.\d+\n/);
  assert.match((await run(t, "--list")).out, /^proc\.name +\(CHARBUF\) /m);
  assert.match((await run(t, "--list", "-N")).out, /^fd\.name$/m);
  assert.match((await run(t, "--list", "--format", "markdown")).out, /^`fd\.name` \| /m);
  const fields = JSON.parse((await run(t, "--list", "--format", "json")).out) as { name: string }[];
  assert.ok(fields.some((field) => field.name === "evt.type"));
  assert.match((await run(t, "--list-events")).out, /^openat\(FD fd, FD dirfd, /m);
  assert.match((await run(t, "-L", "-r", good)).out, /^Good +d$/m);
  const described = JSON.parse((await run(t, "-l", "Good", "-r", good, "--json")).out) as {
    rules: { info: { condition: string } }[];
  };
  assert.equal(described.rules[0]?.info.condition, "evt.type = openat and fd.name = /x");
  const support = JSON.parse((await run(t, "--support", "-r", good)).out) as {
    rules_files: { variants: { content: string }[] }[];
  };
  assert.equal(support.rules_files[0]?.variants[0]?.content, GOOD);
  for (const option of ["--config-schema", "--rule-schema"]) {
    assert.equal(
      (JSON.parse((await run(t, option)).out) as { $schema: string }).$schema,
      "http://json-schema.org/draft-07/schema#",
    );
  }
});

test("a rule is explained down to what the kernel passes and the code that runs", async (t) => {
  const good = join(temporaryFolder(t), "good.yaml");
  writeFileSync(good, GOOD);
  const { out } = await run(t, "explain", "Good", "-r", good);
  assert.match(out, /Condition as written\n {2}evt\.type = openat and fd\.name = \/x/);
  assert.match(out, /openat\n {6}path is \/x/);
  assert.match(out, /function type_openat/);
});

test("rule tests say which rules should have matched", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "good.yaml"), GOOD);
  const file = join(folder, "tests.yaml");
  writeFileSync(
    file,
    "rules: [good.yaml]\ntests:\n" +
      "  - {name: hit, fields: {evt.type: openat, fd.name: /x}, expect: [Good], output: o /x}\n" +
      "  - {name: miss, fields: {evt.type: openat, fd.name: /y}, expect: [Good]}\n" +
      "  - {name: surplus, fields: {evt.type: openat, fd.name: /x}, expect: []}\n",
  );
  const { code, out } = await run(t, "test", file);
  assert.equal(code, 1);
  assert.match(out, /^ok {6}hit$/m);
  assert.match(out, /^FAILED {2}miss: "Good" did not match$/m);
  assert.match(out, /^FAILED {2}surplus: "Good" matched$/m);
  assert.match(out, /3 tests, 2 failed/);
});

test("-M ends the engine with Falco's summary and exit code 0, and the pid file is gone", async (t) => {
  const folder = temporaryFolder(t);
  const good = join(folder, "good.yaml");
  writeFileSync(good, GOOD);
  const { code, out } = await spawnProgram(
    "-r",
    good,
    "-o",
    "engine.kind=nodriver",
    "-o",
    "webserver.enabled=false",
    "-M",
    "1",
    "-P",
    join(folder, "pid"),
  );
  assert.equal(code, 0);
  assert.equal(
    out,
    "Events detected: 0\nRule counts by severity:\n   Informational: 0\nTriggered rules by rule name:\n",
  );
});
