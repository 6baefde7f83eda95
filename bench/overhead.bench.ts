/**
 * What watching costs: the CPU seconds that the workload pays more and that falco-engine burns itself. Each workload (one-byte
 * `dd`, open and close, stat, connect on loopback, spawn of `cat`; five times as often with --full) runs
 * without the engine and with each rule set; figures are scaled to the usual number of repetitions. --built takes the engine
 * as it is installed, after `npm run build`. Needs root and cc.
 */
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { type Daemon, type Passed, startDaemon } from "./overhead/daemon.ts";

const ROOT = join(import.meta.dirname, "..");
const STOCK = join(ROOT, "../shared/stock-rules");
const run = promisify(execFile);

interface Workload {
  readonly name: string;
  /** Repetitions in the short form, and those that figures are scaled to. */
  readonly count: number;
  readonly scale: number;
  arguments(count: number): readonly string[];
}

interface Setup {
  readonly name: string;
  /** Null: no engine. */
  readonly options: readonly string[] | null;
}

interface Cost {
  readonly setup: string;
  readonly workload: string;
  readonly repetitions: number;
  /** CPU seconds of the workload, scaled. */
  readonly workloadSeconds: number;
  readonly addedSeconds: number;
  /** CPU seconds of the engine, scaled, without what it burned in idle stretches just before and after. */
  readonly daemonSeconds: number;
  readonly dropped: number;
  readonly passed: Passed;
}

const { values: given } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    setups: { type: "string", default: "" },
    built: { type: "boolean", default: false },
  },
});
const rounds = Number(given.rounds);
const folder = mkdtempSync(join(tmpdir(), "falco-overhead-"));
const work = join(folder, "work");
execFileSync("cc", ["-O2", "-Wall", "-o", work, join(import.meta.dirname, "overhead/work.c")]);
const server = createServer((socket) => socket.on("error", () => undefined).resume()).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as { port: number };

const dd = (count: number): string[] => [
  "run",
  "1",
  "dd",
  "if=/dev/zero",
  "of=/dev/null",
  "bs=1",
  `count=${count}`,
  "status=none",
];
const workloads: Workload[] = [
  { name: "dd", count: 1, scale: 1, arguments: () => dd(given.full ? 2_000_000 : 500_000) },
  {
    name: "open",
    count: 200_000,
    scale: 1_000_000,
    arguments: (count: number) => ["open", "/etc/hostname", `${count}`],
  },
  {
    name: "stat",
    count: 200_000,
    scale: 1_000_000,
    arguments: (count: number) => ["stat", "/etc/hostname", `${count}`],
  },
  { name: "connect", count: 2000, scale: 100_000, arguments: (count: number) => ["connect", `${port}`, `${count}`] },
  {
    name: "spawn",
    count: 3000,
    scale: 10_000,
    arguments: (count: number) => ["run", `${count}`, "/bin/cat", "/dev/null"],
  },
].filter(({ name }) => chosen(name, given.only));

const stock = (...names: string[]): string[] => names.flatMap((name) => ["-r", join(STOCK, `${name}_rules.yaml`)]);
const everything = [...stock("falco", "falco-incubating", "falco-sandbox"), "-o", "rules[]={enable: {rule: '*'}}"];
const ours = ["-r", join(ROOT, "rules/falco_rules.yaml")];
const setups: Setup[] = [
  { name: "default", options: ours },
  { name: "default, no pushdown", options: [...ours, "--no-pushdown"] },
  ...(existsSync(STOCK)
    ? [
        { name: "stable", options: stock("falco") },
        { name: "stable, compat off", options: [...stock("falco"), "-o", "engine.compat=off"] },
        { name: "stable, no pushdown", options: [...stock("falco"), "--no-pushdown"] },
        { name: "all", options: everything },
        { name: "all, no pushdown", options: [...everything, "--no-pushdown"] },
      ]
    : []),
].filter(({ name }) => chosen(name, given.setups));

/** Names are chosen by a list with semicolons; an empty list chooses all. */
function chosen(name: string, list: string): boolean {
  return list === "" || list.split(";").includes(name);
}

const scaleOf = (workload: Workload): number =>
  workload.name === "dd" ? (given.full ? 1 : 4) : workload.scale / repetitionsOf(workload);

function repetitionsOf({ name, count }: Workload): number {
  return name === "dd" || !given.full ? count : count * 5;
}

/** CPU seconds of the workload, scaled: the least of the rounds, as other programs only ever make it dearer. */
async function timed(workload: Workload): Promise<number> {
  const count = repetitionsOf(workload);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const { stdout } = await run(work, [...workload.arguments(count)]);
    least = Math.min(least, Number(stdout));
  }
  return (least * count * scaleOf(workload)) / 1e9;
}

async function idleRate(daemon: Daemon): Promise<number> {
  const before = daemon.cpuSeconds();
  const start = performance.now();
  await pause(1000);
  return (daemon.cpuSeconds() - before) / ((performance.now() - start) / 1000);
}

async function measure(setup: Setup, workload: Workload, daemon: Daemon, base: number): Promise<Cost> {
  const idle = await idleRate(daemon);
  const [passedBefore, droppedBefore] = [await daemon.passed(), await daemon.dropped()];
  const cpuBefore = daemon.cpuSeconds();
  const start = performance.now();
  const workloadSeconds = await timed(workload);
  // What lies in the ring yet is the workload's cost too.
  await pause(200);
  const wall = (performance.now() - start) / 1000;
  const burned = daemon.cpuSeconds() - cpuBefore;
  const passed = difference(await daemon.passed(), passedBefore);
  const least = Math.min(idle, await idleRate(daemon));
  return {
    setup: setup.name,
    workload: workload.name,
    repetitions: repetitionsOf(workload) * rounds,
    workloadSeconds,
    addedSeconds: workloadSeconds - base,
    daemonSeconds: (Math.max(0, burned - least * wall) * scaleOf(workload)) / rounds,
    dropped: (await daemon.dropped()) - droppedBefore,
    passed,
  };
}

function difference(now: Passed, before: Passed): Passed {
  const entries = Object.entries(now).map(
    ([type, { seen, passed }]) =>
      [type, { seen: seen - (before[type]?.seen ?? 0), passed: passed - (before[type]?.passed ?? 0) }] as const,
  );
  return Object.fromEntries(entries.filter(([, { seen }]) => seen > 0));
}

const share = (passed: Passed): string => {
  const [seen, through] = Object.values(passed).reduce(
    ([all, some], one) => [all + one.seen, some + one.passed],
    [0, 0],
  );
  return `${through} of ${seen}`;
};

const bases = new Map<string, number>();
const costs: Cost[] = [];
const memory: Record<string, { readonly all: number; readonly withoutRing: number }> = {};
const baseline = async (): Promise<void> => {
  for (const workload of workloads) {
    const seconds = await timed(workload);
    bases.set(workload.name, Math.min(seconds, bases.get(workload.name) ?? seconds));
  }
};
try {
  await baseline();
  const measured: { setup: Setup; workload: Workload; cost: Cost }[] = [];
  for (const setup of setups) {
    const daemon = await startDaemon(setup.options ?? [], given.built);
    try {
      for (const workload of workloads) {
        measured.push({ setup, workload, cost: await measure(setup, workload, daemon, 0) });
      }
      memory[setup.name] = daemon.memoryMb();
    } finally {
      await daemon.stop();
    }
  }
  // Once more at the end: a machine that became quieter meanwhile would make the engine look free.
  await baseline();
  for (const [name, seconds] of bases)
    console.log(`${"no engine".padEnd(24)} ${name.padEnd(8)} ${seconds.toFixed(2)} s`);
  for (const { setup, workload, cost } of measured) {
    const addedSeconds = cost.workloadSeconds - (bases.get(workload.name) ?? 0);
    costs.push({ ...cost, addedSeconds });
    console.log(
      `${setup.name.padEnd(24)} ${workload.name.padEnd(8)} ${addedSeconds < 0 ? "" : "+"}${addedSeconds.toFixed(2)} s, engine ${cost.daemonSeconds.toFixed(2)} s, passed ${share(cost.passed)}, dropped ${cost.dropped}`,
    );
  }
  const date = new Date().toISOString();
  const result = {
    date,
    kernel: release(),
    processor: cpus()[0]?.model,
    load: loadavg(),
    built: given.built,
    rounds,
    bases: Object.fromEntries(bases),
    memory,
    costs,
  };
  mkdirSync(join(ROOT, "bench/results"), { recursive: true });
  const file = join(ROOT, `bench/results/overhead-${date.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
