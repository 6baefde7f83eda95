import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type EventRecord, recordOf } from "@falco-efk/event";
import { createLogger } from "@falco-efk/kit";
import { identifyProcess } from "@falco-efk/probe";
import { type RunningEngine, startEngine } from "../src/run-engine.ts";
import { formatSummary } from "../src/summary.ts";
import { createMemorySource, type MemorySource } from "./memory-source.ts";
import { atEnd, linesOf, temporaryFolder, until } from "./support.ts";

const RULES = `
- macro: opened
  condition: evt.type in (open, openat, openat2)
- rule: Read shadow
  desc: Somebody opens the password file
  condition: opened and fd.name = /etc/shadow
  output: shadow opened (command=%proc.cmdline file=%fd.name user=%user.uid)
  priority: WARNING
  tags: [host, filesystem]
- rule: Write below etc
  desc: Somebody writes below /etc
  condition: opened and fd.name startswith /etc/ and evt.is_open_write = true
  output: write (file=%fd.name)
  priority: ERROR
`;

interface Rig {
  readonly running: RunningEngine;
  readonly source: MemorySource;
  readonly events: string;
  readonly rules: string;
  readonly log: string[];
}

async function start(
  context: TestContext,
  options: { mode?: "live" | "replay"; assignments?: string[]; rules?: string } = {},
): Promise<Rig> {
  const folder = temporaryFolder(context);
  const events = join(folder, "events.json");
  const rules = join(folder, "rules.yaml");
  const config = join(folder, "falco.yaml");
  writeFileSync(rules, options.rules ?? RULES);
  writeFileSync(
    config,
    `rules_files: [${rules}]\njson_output: true\nlog_syslog: false\nfile_output: {enabled: true, keep_alive: true, filename: ${events}}\n`,
  );
  const log: string[] = [];
  const source = createMemorySource(options.mode);
  const running = await startEngine({
    configRequest: { file: config, assignments: options.assignments ?? [], environment: {} },
    rulesPaths: null,
    hostname: "host",
    log: createLogger("falco-engine", { level: "debug", write: (line) => log.push(line) }),
    source,
  });
  atEnd(context, () => running.close());
  return { running, source, events, rules, log };
}

const TIME = 1_700_000_000_123_456_789n;

function opened(
  path: string,
  extra: { real?: string; pid?: number; startTime?: number; flags?: number } = {},
): EventRecord {
  return recordOf({
    type: "openat",
    time: TIME,
    result: 3,
    task: { pid: extra.pid ?? 4242, startTime: extra.startTime ?? 77_000_000_000 },
    params: { name: path, dirfd: -100, flags: extra.flags ?? 0 },
    paths: [{ raw: path, base: null, real: extra.real ?? path }],
    fd: { number: 3, kind: "file", path: extra.real ?? path },
  });
}

test("an alert is one JSON line with sorted keys, whole integers and nulls", async (t) => {
  const { source, events } = await start(t);
  await source.send(opened("/etc/hosts"), opened("/etc/shadow"));
  await until(() => linesOf(events).length === 1);
  const line = linesOf(events)[0] ?? "";
  const { output, output_fields: fields, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(rest, {
    hostname: "host",
    priority: "Warning",
    rule: "Read shadow",
    source: "syscall",
    tags: ["filesystem", "host"],
    time: "2023-11-14T22:13:20.123456789Z",
  });
  assert.match(
    String(output),
    /^\d\d:13:20\.123456789: Warning shadow opened \(command=cat file=\/etc\/shadow user=0\)$/,
  );
  assert.ok(line.includes('"evt.time":1700000000123456789'), "nanoseconds keep every digit");
  assert.deepEqual(Object.keys(fields as object), ["evt.time", "fd.name", "proc.cmdline", "user.uid"]);
  assert.deepEqual(Object.keys(JSON.parse(line) as object), [
    "hostname",
    "output",
    "output_fields",
    "priority",
    "rule",
    "source",
    "tags",
    "time",
  ]);
});

test("a text alert is time, priority and message on one line", async (t) => {
  const { source, events } = await start(t, { assignments: ["json_output=false", "time_format_iso_8601=true"] });
  await source.send(opened("/etc/shadow"));
  await until(() => linesOf(events).length === 1);
  assert.equal(
    linesOf(events)[0],
    "2023-11-14T22:13:20.123456789+0000: Warning shadow opened (command=cat file=/etc/shadow user=0)",
  );
});

test("a link does not hide the file behind it, and the alert shows that file", async (t) => {
  const { source, events } = await start(t);
  await source.send(opened("/tmp/link", { real: "/etc/shadow" }));
  await until(() => linesOf(events).length === 1);
  assert.match(linesOf(events)[0] ?? "", /"fd\.name":"\/etc\/shadow"/);
});

test("a name that a rule means matches although the kernel resolves it elsewhere", async (t) => {
  const { source, events } = await start(t);
  await source.send(opened("/etc/shadow", { real: "/run/real-shadow" }));
  await until(() => linesOf(events).length === 1);
  assert.match(linesOf(events)[0] ?? "", /"fd\.name":"\/etc\/shadow"/);
});

test("match_realpath: false gives Falco's verdicts", async (t) => {
  const { source, events, running } = await start(t, { assignments: ["engine.match_realpath=false"] });
  await source.send(opened("/tmp/link", { real: "/etc/shadow" }), opened("/etc/shadow"));
  await until(() => linesOf(events).length === 1);
  assert.equal(running.engine.counts.total, 1);
});

test("with rule_matching all every rule that matches alerts, else the first alone", async (t) => {
  const write = opened("/etc/shadow", { flags: 1 });
  const first = await start(t);
  await first.source.send(write);
  assert.equal(first.running.engine.counts.total, 1);
  const all = await start(t, { assignments: ["rule_matching=all"] });
  await all.source.send(write);
  assert.equal(all.running.engine.counts.total, 2);
});

test("the summary counts by severity and by rule", async (t) => {
  const { source, running } = await start(t);
  await source.send(opened("/etc/shadow"), opened("/etc/shadow"));
  assert.equal(
    formatSummary(running.engine.counts),
    "Events detected: 2\nRule counts by severity:\n   Error: 0\n   Warning: 2\nTriggered rules by rule name:\n   Read shadow: 2\n",
  );
});

test("the engine's own calls never alert, another process with the same pid does", async (t) => {
  const { source, running } = await start(t, { mode: "live" });
  const { startTime } = identifyProcess(process.pid);
  await source.send(opened("/etc/shadow", { pid: process.pid, startTime: Number(startTime) }));
  await source.send(opened("/etc/shadow", { pid: process.pid, startTime: 1 }));
  assert.equal(running.engine.counts.total, 1);
  assert.equal(running.engine.view.ownAlerts(), 1);
});

test("a reload takes new rules, and keeps the old ones when the new are bad", async (t) => {
  const { source, running, rules, log } = await start(t);
  await source.send(opened("/etc/shadow"));
  writeFileSync(rules, RULES.replace("/etc/shadow", "/etc/gshadow"));
  assert.equal(await running.reload(), true);
  await source.send(opened("/etc/shadow"), opened("/etc/gshadow"));
  assert.equal(running.engine.counts.total, 2);
  writeFileSync(rules, "- rule: broken\n");
  assert.equal(await running.reload(), false);
  assert.match(
    log.join(""),
    /the new rules or configuration are not used, the old ones stay: .*rules\.yaml:1:3: error/,
  );
  await source.send(opened("/etc/gshadow"));
  assert.equal(running.engine.counts.total, 3);
  assert.equal(running.engine.view.refusedReloads(), 1);
});

test("a change of a rules file is noticed by itself", async (t) => {
  const { source, running, rules } = await start(t, { mode: "live" });
  writeFileSync(rules, RULES.replace("/etc/shadow", "/etc/gshadow"));
  await until(() => running.engine.view.reloadedAt() > running.engine.view.startedAt);
  await source.send(opened("/etc/gshadow"));
  assert.equal(running.engine.counts.total, 1);
});

test("a reload in the middle of a stream loses and doubles nothing, outputs changed included", async (t) => {
  const { source, running, events, rules } = await start(t);
  let sent = 0;
  for (let round = 0; round < 10; round++) {
    const reloading = running.reload();
    for (let batch = 0; batch < 5; batch++) {
      await source.send(...Array.from({ length: 20 }, () => opened("/etc/shadow")));
      sent += 20;
    }
    writeFileSync(rules, `${RULES}# ${round}\n`);
    assert.equal(await reloading, true);
  }
  await until(() => linesOf(events).length === sent);
  assert.equal(running.engine.counts.total, sent);
});

test("a replay waits for a slow output and loses nothing", async (t) => {
  const { source, events, running } = await start(t);
  const batch = Array.from({ length: 5000 }, () => opened("/etc/shadow"));
  for (let round = 0; round < 10; round++) await source.send(...batch);
  await running.close();
  assert.equal(linesOf(events).length, 50_000);
  assert.deepEqual(running.engine.view.outputs()["file"], {
    accepted: 50_000,
    delivered: 50_000,
    dropped: 0,
    queued: 0,
  });
});

test("drops above the threshold are logged and alerted once, and may end the engine", async (t) => {
  const { source, running, events } = await start(t, {
    mode: "live",
    assignments: ["syscall_event_drops.actions=[log, alert, exit]"],
  });
  source.dropped["ring-full"] = 100;
  assert.match((await running.ended) ?? "", /100 system calls dropped in last second/);
  await until(() => linesOf(events).length === 1);
  const alert = JSON.parse(linesOf(events)[0] ?? "") as Record<string, unknown>;
  assert.equal(alert["rule"], "Falco internal: syscall event drop");
  assert.equal(alert["source"], "internal");
  assert.equal((alert["output_fields"] as Record<string, string>)["n_drops"], "100");
});

test("metrics snapshots come as alerts at their interval, with Falco's keys", async (t) => {
  const { source, events } = await start(t, {
    assignments: ["metrics.enabled=true", "metrics.output_rule=true", "metrics.interval=100ms"],
  });
  await source.send(opened("/etc/shadow"));
  const line = await until(() => linesOf(events).find((text) => text.includes("metrics snapshot")));
  const { output_fields: fields, priority } = JSON.parse(line) as {
    output_fields: Record<string, unknown>;
    priority: string;
  };
  assert.equal(priority, "Informational");
  for (const key of [
    "falco.version",
    "falco.num_evts",
    "falco.rules.matches_total",
    "falco.rules.Read_shadow",
    "scap.n_evts",
    "scap.n_drops_perc",
  ]) {
    assert.ok(key in fields, key);
  }
});

test("rules that can't be read or are none are the user's error before anything is opened", async (t) => {
  await assert.rejects(start(t, { rules: "- rule: broken\n" }), /LOAD_ERR_YAML_VALIDATE/);
  await assert.rejects(start(t, { assignments: ["rules_files=[/does/not/exist]"] }), /there are no rules/);
});
