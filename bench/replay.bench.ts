/**
 * How fast a capture is replayed: events a second with the stock rules (or the default ones where those are not there), with
 * every event read as well, and JSON alerts a second to a file with a rule that matches every open.
 *
 *     npm run bench -- replay [--rounds 3] [--only TEXT] [--capture FILE] [--keep FILE]
 *
 * The mix is that of bench/rules/build.capture, a project being worked on, done as often in a row as makes ten million
 * events (bench/replay/long-capture.ts); --capture takes another capture, --keep leaves the long one. What it is made of
 * is printed and kept with the results. Rates are by CPU seconds of all threads, reading and unpacking the file
 * included and the start with its rules not, and by the clock.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEngine } from "@falco-efk/engine";
import { createLogger } from "@falco-efk/kit";
import { repeatCapture } from "./replay/long-capture.ts";

const ROOT = join(import.meta.dirname, "..");
const STOCK = join(ROOT, "../shared/stock-rules");
const RECORDED = join(import.meta.dirname, "rules/build.capture");
const REPETITIONS = 1600;
/** Alerts take longer than events: fewer are enough of them. */
const LOUD_REPETITIONS = 40;

interface Run {
  readonly name: string;
  readonly capture: string;
  readonly rules: readonly string[];
  readonly sifted: boolean;
}

interface Result {
  readonly name: string;
  /** Events in the capture, and those that the rules were asked about. */
  readonly events: number;
  readonly evaluated: number;
  readonly alerts: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** CPU seconds until the first event: rules are read and compiled. Not part of the others. */
  readonly startSeconds: number;
}

const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    capture: { type: "string" },
    keep: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "falco-replay-"));
const rules = existsSync(STOCK)
  ? ["falco", "falco-incubating", "falco-sandbox"].map((name) => join(STOCK, `${name}_rules.yaml`))
  : [join(ROOT, "rules/falco_rules.yaml")];

/** A long capture of the recorded mix, or the one that was named. */
async function longCapture(name: string, repetitions: number): Promise<string> {
  if (given.capture !== undefined) return given.capture;
  const file = join(folder, name);
  await repeatCapture(RECORDED, file, repetitions);
  return file;
}

const mix = new Map<string, number>();

async function replay({ name, capture, rules: files, sifted }: Run, events: string): Promise<Result> {
  const started = process.cpuUsage();
  const running = await startEngine({
    configRequest: {
      file: null,
      assignments: [
        "webserver.enabled=false",
        "stdout_output.enabled=false",
        "json_output=true",
        "file_output.enabled=true",
        "file_output.keep_alive=true",
        `file_output.filename=${events}`,
      ],
      environment: {},
    },
    rulesPaths: files,
    replay: capture,
    pushdown: sifted,
    log: createLogger("falco-engine", { level: "silent" }),
  });
  const start = performance.now();
  const startUp = process.cpuUsage(started);
  const before = process.cpuUsage();
  const failure = await running.ended;
  if (failure !== null) throw new Error(failure);
  const { view, counts } = running.engine;
  const byType = Object.entries(view.source()?.byType ?? {});
  await running.close();
  const used = process.cpuUsage(before);
  for (const [type, { seen }] of byType) mix.set(type, Math.max(mix.get(type) ?? 0, seen));
  return {
    name,
    events: byType.reduce((sum, [, { seen }]) => sum + seen, 0),
    evaluated: view.events(),
    alerts: counts.total,
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    startSeconds: (startUp.user + startUp.system) / 1e6,
  };
}

const perSecond = (count: number, seconds: number): string => `${Math.round(count / seconds / 1000)} k/s`;

function resultLine(result: Result, bytes: number): string {
  const { name, events, evaluated, alerts, seconds, cpuSeconds } = result;
  const rates = `${perSecond(events, cpuSeconds)} of CPU, ${perSecond(events, seconds)} of the clock`;
  const out = alerts === 0 ? "no alert" : `${alerts} alerts ${perSecond(alerts, cpuSeconds)} of CPU, ${bytes >> 20} MB`;
  return `${name.padEnd(32)} ${events} events ${rates}; ${evaluated} evaluated; ${out}`;
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

try {
  const quiet = await longCapture("quiet.cap", REPETITIONS);
  if (given.keep !== undefined) copyFileSync(quiet, given.keep);
  const every = join(folder, "every.yaml");
  writeFileSync(
    every,
    "- rule: Every open\n  desc: d\n  condition: evt.type in (open, openat, openat2)\n" +
      '  output: "file=%fd.name command=%proc.cmdline parent=%proc.pname user=%user.name"\n  priority: NOTICE\n',
  );
  const set = rules.length === 1 ? "default rules" : "stock rules";
  const runs: readonly Run[] = [
    { name: set, capture: quiet, rules, sifted: true },
    { name: `${set}, every event read`, capture: quiet, rules, sifted: false },
    {
      name: "a rule that matches every open",
      capture: await longCapture("loud.cap", LOUD_REPETITIONS),
      rules: [every],
      sifted: true,
    },
  ];
  const results: Result[] = [];
  for (const run of runs.filter(({ name }) => name.includes(given.only))) {
    for (let round = 0; round < Number(given.rounds); round++) {
      const events = join(folder, "events.json");
      const result = await replay(run, events);
      results.push(result);
      console.log(resultLine(result, statSync(events, { throwIfNoEntry: false })?.size ?? 0));
      rmSync(events, { force: true });
    }
  }
  const all = [...mix.values()].reduce((sum, count) => sum + count, 0);
  const shares = [...mix].sort((a, b) => b[1] - a[1]).map(([type, count]) => [type, count / all] as const);
  const shown = shares.map(([type, share]) => `${type} ${(100 * share).toFixed(1)} %`);
  console.log(`the mix: ${shown.join(", ")}`);
  const date = new Date().toISOString();
  mkdirSync(join(ROOT, "bench/results"), { recursive: true });
  writeFileSync(
    join(ROOT, `bench/results/replay-${date.slice(0, 10)}.json`),
    `${JSON.stringify(
      {
        date,
        commit: commit(),
        kernel: release(),
        processor: cpus()[0]?.model,
        load: loadavg(),
        captureBytes: statSync(quiet).size,
        mix: Object.fromEntries(shares.map(([type, share]) => [type, Math.round(share * 1e4) / 1e4])),
        results,
      },
      null,
      2,
    )}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
