/**
 * What rate the live engine stands: 500,000 opens a second of which no rule matches one, 50,000 of which each is an alert in
 * a file, the time from a call to its line at 1,000 alerts a second, and from the engine's own start to its first line. The
 * generator has one processor and the engine another (at its start any); rules are Falco's stable ones where they lie beside the project, else
 * ours.
 *
 * `npm run bench -- rates [--seconds=30] [--only=none;all;latency;start] [--built]`: --built takes the engine as it is
 * installed, after `npm run build`. Needs root, cc and taskset.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Daemon, engineArguments, freePort, startDaemon } from "./overhead/daemon.ts";
import { buildTools, keepToFirst, type Load } from "./rates/tools.ts";

const ROOT = join(import.meta.dirname, "..");
const STOCK = join(ROOT, "../shared/stock-rules/falco_rules.yaml");
const RULES = ["-r", existsSync(STOCK) ? STOCK : join(ROOT, "rules/falco_rules.yaml")];
/** No rule is on this file; "Read sensitive file untrusted" is on the other one. */
const PLAIN = "/etc/hostname";
const SENSITIVE = "/etc/shadow";
const STARTS = 5;

const { values: given } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    only: { type: "string", default: "none;all;latency;start" },
    built: { type: "boolean", default: false },
  },
});
const seconds = Number(given.seconds);
const parts = new Set(given.only.split(";"));
const folder = mkdtempSync(join(tmpdir(), "falco-rates-"));
const tools = buildTools(folder);

interface Rate extends Load {
  readonly perSecond: number;
  readonly passed: number;
  readonly alerts: number;
  readonly written: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly daemonSeconds: number;
  readonly rss: number;
}

async function withDaemon<T>(file: string, measure: (daemon: Daemon) => Promise<T>): Promise<T> {
  writeFileSync(file, "");
  const daemon = await startDaemon(RULES, given.built, file);
  try {
    keepToFirst(daemon.pid);
    return await measure(daemon);
  } finally {
    await daemon.stop();
    rmSync(file, { force: true });
  }
}

/** What the engine makes of so many opens a second. */
async function rate(opened: string, perSecond: number): Promise<Rate> {
  return withDaemon(join(folder, "alerts.json"), async (daemon) => {
    // Compiled code and grown tables are what a rate is held with.
    await tools.load(opened, perSecond / 10, 3);
    const before = await settled(daemon);
    const cpu = daemon.cpuSeconds();
    const load = await tools.load(opened, perSecond, seconds);
    const after = await settled(daemon);
    const drops = Object.entries(after.events.dropped);
    return {
      ...load,
      perSecond: Math.round(load.opens / load.seconds),
      passed: (after.pushdown["openat"]?.passed ?? 0) - (before.pushdown["openat"]?.passed ?? 0),
      alerts: after.alerts.total - before.alerts.total,
      written: (after.outputs["file"]?.delivered ?? 0) - (before.outputs["file"]?.delivered ?? 0),
      dropped: {
        ...Object.fromEntries(drops.map(([cause, count]) => [cause, count - (before.events.dropped[cause] ?? 0)])),
        file: (after.outputs["file"]?.dropped ?? 0) - (before.outputs["file"]?.dropped ?? 0),
      },
      daemonSeconds: daemon.cpuSeconds() - cpu,
      rss: daemon.memoryMb().all,
    };
  });
}

/** The status once nothing is under way. */
async function settled(daemon: Daemon): ReturnType<Daemon["status"]> {
  for (let last = -1; ; ) {
    const status = await daemon.status();
    const file = status.outputs["file"];
    const done = (file?.delivered ?? 0) + (file?.dropped ?? 0);
    if (file?.queued === 0 && done === last) return status;
    last = done;
    await pause(300);
  }
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

async function latency(): Promise<Record<string, number>> {
  const file = join(folder, "alerts.json");
  return withDaemon(file, async (daemon) => {
    await tools.load(SENSITIVE, 1000, 3);
    await settled(daemon);
    const follower = tools.follow(file);
    const cpu = daemon.cpuSeconds();
    const load = await tools.load(SENSITIVE, 1000, seconds);
    const daemonSeconds = daemon.cpuSeconds() - cpu;
    await settled(daemon);
    const begin = Date.now() - (load.seconds + 5) * 1000;
    const late = (await follower.stop())
      .filter(({ event }) => event > begin)
      .map(({ seen, event }) => seen - event)
      .sort((a, b) => a - b);
    return {
      alerts: late.length,
      opens: load.opens,
      p50Ms: at(late, 0.5),
      p99Ms: at(late, 0.99),
      p999Ms: at(late, 0.999),
      mostMs: at(late, 1),
      daemonSeconds,
    };
  });
}

/** Milliseconds from the engine's start to the first line of its file, while a file is opened all the time. */
async function start(): Promise<number> {
  const file = join(folder, "alerts.json");
  writeFileSync(file, "");
  const follower = tools.follow(file);
  const load = tools.load(SENSITIVE, 1000, 4);
  const options = engineArguments(RULES, { built: given.built, file, port: await freePort() });
  const begin = performance.timeOrigin + performance.now();
  const child = spawn(process.execPath, options, { stdio: "ignore" });
  const ended = once(child, "close");
  await load;
  child.kill("SIGINT");
  await ended;
  const [first] = await follower.stop();
  rmSync(file);
  return first === undefined ? Number.POSITIVE_INFINITY : first.seen - begin;
}

const measured: Record<string, unknown> = {};
const keep = (name: string, result: unknown): void => {
  measured[name] = result;
  console.log(`${name}: ${JSON.stringify(result)}`);
};
try {
  if (parts.has("none")) keep("none of 500,000 matches", await rate(PLAIN, 500_000));
  if (parts.has("all")) keep("all of 50,000 match", await rate(SENSITIVE, 50_000));
  if (parts.has("latency")) keep("latency at 1,000 alerts", await latency());
  if (parts.has("start")) {
    const starts: number[] = [];
    for (let i = 0; i < STARTS; i++) starts.push(Math.round(await start()));
    keep("start to first alert, ms", starts);
  }
  const date = new Date().toISOString();
  const result = {
    date,
    kernel: release(),
    processor: cpus()[0]?.model,
    load: loadavg(),
    built: given.built,
    rules: existsSync(STOCK) ? "Falco's stable rules" : "ours",
    ...measured,
  };
  mkdirSync(join(ROOT, "bench/results"), { recursive: true });
  writeFileSync(join(ROOT, `bench/results/rates-${date.slice(0, 10)}.json`), `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
