import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { compileProcessors } from "../src/processors/chain.ts";
import { PROCESSORS } from "../src/processors/kinds.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the example in the README runs as it stands", () => {
  const [, code = ""] = /```ts\n(.*?)```/s.exec(README) ?? [];
  const output = execFileSync(
    process.execPath,
    ["--conditions=@falco-efk/source", "--input-type=module-typescript", "--eval", code],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8", timeout: 60_000 },
  );
  const [, , delivered, document = ""] = output.split("\n");
  assert.equal(output.split("\n")[0], "in trouble");
  assert.equal(delivered, "1 delivered", output);
  assert.match(
    document,
    /^logstash-2026\.01\.02 \{"@timestamp":"2026-01-02T03:04:05\.123456789Z",.*"cluster":"blue"\}$/,
  );
});

test("the README's processors are those that there are, and its example of them is right", () => {
  const section = README.slice(README.indexOf("## Processors"), README.indexOf("## What is promised"));
  for (const name of Object.keys(PROCESSORS))
    assert.ok(section.includes(`\`${name}\``), `${name} is not in the README`);
  const [, text = ""] = /```yaml\n(.*?)```/s.exec(section) ?? [];
  compileProcessors((parse(text) as { processors: unknown[] }).processors);
});
