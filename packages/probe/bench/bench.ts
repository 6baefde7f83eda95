/**
 * What the probe costs: a million opens and closes with nothing, with a filter that lets none of them pass, and with
 * everything passing; then how fast a capture of those is replayed. Run as root: node --conditions=@falco-efk/source bench/bench.ts
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT_TYPES, type EventRecord, type KernelFilter } from "@falco-efk/event";
import { openCapture, openProbe, type ProbeOptions, writeCapture } from "../src/index.ts";
import { run } from "../test/live.ts";

const FILE = "/etc/hostname";
const PAIRS = 1_000_000;
const PASSING_PAIRS = 200_000;
const ROUNDS = 3;

const folder = mkdtempSync(join(tmpdir(), "probe-bench-"));
const program = join(folder, "spin");
execFileSync("cc", ["-O2", "-o", program, join(import.meta.dirname, "spin.c")]);

const types = EVENT_TYPES.filter(({ name }) => /^(open|creat)/.test(name)).map(({ id }) => id);

/** The shape of what sensitive-file rules become. */
const filter: KernelFilter = {
  types: new Map(
    types.map((type) => [
      type,
      {
        kind: "clauses",
        clauses: [
          {
            requires: ["write", "succeeded"],
            paths: ["/etc", "/bin", "/usr/bin", "/root"].map((text) => ({ kind: "directory", text })),
            processNames: null,
          },
          {
            requires: ["read", "succeeded"],
            paths: [
              { kind: "exact", text: "/etc/shadow" },
              { kind: "directory", text: "/etc/pam.d" },
              { kind: "suffix", text: "/.ssh/id_rsa" },
              { kind: "suffix", text: ".bash_history" },
            ],
            processNames: null,
          },
          { requires: ["read", "dotdot"], paths: null, processNames: null },
        ],
      },
    ]),
  ),
};

async function spin(pairs: number): Promise<number> {
  const costs: number[] = [];
  for (let i = 0; i < ROUNDS; i++) costs.push(Number((await run(program, [String(pairs), FILE])).out));
  return Math.min(...costs);
}

async function measure(
  label: string,
  pairs: number,
  options: Omit<ProbeOptions, "types">,
  base: number,
): Promise<void> {
  const probe = await openProbe({ types, ...options });
  const stop = new AbortController();
  let events = 0;
  const running = probe.run(() => events++, { signal: stop.signal });
  const before = process.cpuUsage();
  const cost = await spin(pairs);
  const used = process.cpuUsage(before);
  stop.abort();
  await running;
  const { dropped } = probe.counters();
  await probe.close();
  const own = (used.user + used.system) / 1000;
  console.log(
    `${label.padEnd(34)} +${String(cost - base).padStart(5)} ns a pair, ${events} events, own CPU ${own.toFixed(0)} ms, dropped ${JSON.stringify(dropped)}`,
  );
}

async function replays(): Promise<void> {
  const path = join(folder, "capture");
  const probe = await openProbe({ types, ringBytes: 64 * 1024 * 1024 });
  const stop = new AbortController();
  const capture = writeCapture(path, { state: null, context: probe.frameContext });
  probe.tap(capture.write);
  const running = probe.run(() => {}, { signal: stop.signal });
  for (let i = 0; i < 5; i++) await run(program, [String(PASSING_PAIRS), FILE]);
  stop.abort();
  await running;
  capture.close();
  await probe.close();
  const read: readonly (readonly [string, (record: EventRecord) => unknown])[] = [
    ["type alone", (record) => record.type],
    ["type, result, raw name", (record) => record.type + Number(record.result) + (record.param(1) as string).length],
    ["type, name, process, user", (record) => [record.paths, record.task.comm, record.task.uid, record.task.startTime]],
  ];
  for (const [label, handle] of read) {
    const source = await openCapture(path);
    const start = performance.now();
    const before = process.cpuUsage();
    await source.run(handle, { signal: new AbortController().signal });
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(before);
    const { delivered } = source.counters();
    console.log(
      `replay, ${label.padEnd(26)} ${(delivered / seconds / 1e6).toFixed(2)} M events/s, ${(((used.user + used.system) * 1000) / delivered).toFixed(0)} ns CPU each (${delivered} of ${(statSync(path).size / delivered).toFixed(1)} bytes)`,
    );
    await source.close();
  }
}

const base = await spin(PAIRS);
console.log(`${"no probe".padEnd(34)}  ${base} ns a pair`);
await measure("nothing passes", PAIRS, { filter }, base);
await measure("nothing passes, compat off", PAIRS, { filter, compat: false }, base);
await measure("nothing passes, shared tracepoint", PAIRS, { filter, compat: false, attach: "raw" }, base);
await measure("everything passes", PASSING_PAIRS, {}, base);
await replays();
rmSync(folder, { recursive: true });
