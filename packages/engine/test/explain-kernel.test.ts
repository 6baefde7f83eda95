import assert from "node:assert/strict";
import { once } from "node:events";
import { openSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { kernelFacts } from "@falco-efk/probe";
import { explainKernel, kernelReportText } from "../src/commands/explain-kernel.ts";
import { countLive, countsOf } from "../src/commands/kernel-counts.ts";
import { createFieldBinding } from "../src/event-state.ts";
import { filterOf } from "../src/filter-of.ts";
import { type LoadedRuleset, loadRuleset } from "../src/load-ruleset.ts";
import { atEnd, configOf, temporaryFolder } from "./support.ts";

const rule = (name: string, condition: string): string =>
  `- {rule: ${name}, desc: d, condition: '${condition}', output: o, priority: INFO}\n`;
const NARROW = rule("One file", "evt.type = openat and fd.name = /etc/efk-explain");
const WHOLE = rule("Any name", "evt.type in (openat, dup) and proc.name != x");

function loadOf(context: TestContext, text: string): LoadedRuleset<unknown> {
  const file = join(temporaryFolder(context), "rules.yaml");
  writeFileSync(file, text);
  return loadRuleset({ config: configOf(), paths: [file], ...createFieldBinding() }) as LoadedRuleset<unknown>;
}

test("each event type is told with what passes and who is the cause that all does", (t) => {
  const { ruleset } = loadOf(t, NARROW + rule("Dups", "evt.type = dup"));
  const report = explainKernel(ruleset.rules, filterOf(ruleset, true), {
    from: "here",
    byType: { openat: { seen: 20_000, passed: 4 }, execve: { seen: 10, passed: 10 } },
  });
  const text = kernelReportText(report);
  assert.match(text, /^openat +20,000 +4 +0\.02 % {2}path is \/etc\/efk-explain$/m);
  assert.match(text, /^execve +10 +10 +100\.00 % {2}every one: the process tree$/m);
  assert.match(text, /^dup +0 +0 +every one: Dups$/m);
  assert.match(text, /^2 rules narrow 1 of 6 event types; \d+ more are not looked at\.$/m);
  assert.match(text, /^Counted here: 14 of 20,010 events reached user space \(0\.07 %\)\.$/m);
  assert.equal(report.pushdown, true);
});

test("rules that ask for everything, and pushdown that is turned off, are said to be no pushdown", (t) => {
  const counts = { from: "here", byType: { openat: { seen: 7, passed: 7 } } };
  for (const [rules, narrowed] of [
    [NARROW + WHOLE, true],
    [NARROW, false],
  ] as const) {
    const { ruleset } = loadOf(t, rules);
    const report = explainKernel(ruleset.rules, filterOf(ruleset, narrowed), counts);
    assert.equal(report.pushdown, false);
    assert.match(kernelReportText(report), /^No pushdown: .* every event reaches user space\.$/m);
    assert.match(kernelReportText(report), /^Nothing was held back by the kernel\.$/m);
  }
  const { ruleset } = loadOf(t, NARROW + WHOLE);
  const report = explainKernel(ruleset.rules, filterOf(ruleset, true), "no engine answers");
  assert.match(kernelReportText(report), /^openat +every one: Any name$/m);
  assert.match(kernelReportText(report), /^Not counted: no engine answers\. With --live 10 /m);
});

test("a running engine is asked for its counts, and what is none is an error in one line", async (t) => {
  let answer = JSON.stringify({ uptimeSeconds: 9, pushdown: { openat: { seen: 3, passed: 1 } } });
  const server = createServer((_request, response) => response.end(answer)).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => new Promise<void>((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const counts = await countsOf(url);
  assert.match(counts.from, /in 9 s, with its own rules$/);
  assert.deepEqual(counts.byType, { openat: { seen: 3, passed: 1 } });
  answer = "{}";
  await assert.rejects(countsOf(url), /what answers is something else/);
  await assert.rejects(countsOf("here"), /it is no URL/);
  await assert.rejects(countsOf("http://127.0.0.1:1"), /no engine answers at http:\/\/127\.0\.0\.1:1: /);
});

test("this machine is watched for a while with the rules' filter, and all it held back is counted", async (t) => {
  const { missingCapabilities, btf } = kernelFacts();
  if (missingCapabilities.length > 0 || !btf) return t.skip("the kernel can't be watched here");
  const { ruleset } = loadOf(t, NARROW);
  const counting = countLive(configOf(), filterOf(ruleset, true), 2);
  const busy = setInterval(() => {
    assert.throws(() => openSync("/etc/efk-explain", "r"));
    assert.throws(() => openSync("/etc/efk-other", "r"));
  }, 5);
  const { byType } = await counting;
  clearInterval(busy);
  const { seen = 0, passed = 0 } = byType["openat"] ?? {};
  assert.ok(passed > 20 && seen >= 2 * passed - 1, `${passed} of ${seen}`);
});
