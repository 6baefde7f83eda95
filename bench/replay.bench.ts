/**
 * How fast a capture is replayed: events a second with the stock rules (or the default ones where those are not there), and JSON
 * alerts a second to a file with a rule that matches every open. The capture is recorded first: opens, spawns and
 * connects with nothing left out by the kernel. Needs root and cc. --keep leaves the capture, --capture FILE takes one.
 */
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { startEngine } from "@falco-efk/engine";
import { createLogger } from "@falco-efk/kit";
import { startDaemon } from "./overhead/daemon.ts";

const ROOT = join(import.meta.dirname, "..");
const STOCK = join(ROOT, "../shared/stock-rules");
const OPENS = 300_000;
const run = promisify(execFile);

interface Result {
  readonly name: string;
  readonly events: number;
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

async function record(capture: string): Promise<void> {
  const work = join(folder, "work");
  execFileSync("cc", ["-O2", "-Wall", "-o", work, join(import.meta.dirname, "overhead/work.c")]);
  const server = createServer((socket) => socket.on("error", () => undefined).resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const asked = rules.flatMap((file) => ["-r", file]);
  const settings = ["-o", "engine.modern_ebpf.buf_size_preset=7"];
  const daemon = await startDaemon([...asked, ...settings, "--no-pushdown", "--capture", capture]);
  try {
    for (let part = 0; part < 10; part++) {
      await run(work, ["open", "/etc/hostname", `${OPENS / 10}`]);
      await run(work, ["run", "50", "/bin/cat", "/dev/null"]);
      await run(work, ["connect", `${port}`, "200"]);
    }
  } finally {
    await daemon.stop();
    server.close();
  }
}

async function replay(name: string, capture: string, files: readonly string[], events: string): Promise<Result> {
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
    log: createLogger("falco-engine", { level: "silent" }),
  });
  const start = performance.now();
  const startUp = process.cpuUsage(started);
  const before = process.cpuUsage();
  const failure = await running.ended;
  if (failure !== null) throw new Error(failure);
  const delivered = running.engine.view.source()?.delivered ?? 0;
  const alerts = running.engine.counts.total;
  await running.close();
  const used = process.cpuUsage(before);
  return {
    name,
    events: delivered,
    alerts,
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    startSeconds: (startUp.user + startUp.system) / 1e6,
  };
}

const perSecond = (count: number, seconds: number): string => `${Math.round(count / seconds / 1000)} k/s`;

try {
  const capture = given.capture ?? join(folder, "seen.cap");
  if (given.capture === undefined) await record(capture);
  if (given.keep !== undefined) copyFileSync(capture, given.keep);
  const every = join(folder, "every.yaml");
  writeFileSync(
    every,
    "- rule: Every open\n  desc: d\n  condition: evt.type in (open, openat, openat2)\n" +
      '  output: "file=%fd.name command=%proc.cmdline parent=%proc.pname user=%user.name"\n  priority: NOTICE\n',
  );
  const results: Result[] = [];
  for (const [name, files] of [
    [`${rules.length === 1 ? "default" : "stock"} rules`, rules],
    ["a rule that matches every open", [every]],
  ] as const) {
    if (given.only !== "" && !name.includes(given.only)) continue;
    for (let round = 0; round < Number(given.rounds); round++) {
      const events = join(folder, `events-${results.length}.json`);
      const result = await replay(name, capture, files, events);
      results.push(result);
      console.log(
        `${name.padEnd(32)} ${result.events} events ${perSecond(result.events, result.cpuSeconds)} of CPU, ${perSecond(result.events, result.seconds)} of the clock; ${result.alerts} alerts ${perSecond(result.alerts, result.cpuSeconds)} of CPU, ${(statSync(events, { throwIfNoEntry: false })?.size ?? 0) >> 20} MB`,
      );
    }
  }
  const date = new Date().toISOString();
  mkdirSync(join(ROOT, "bench/results"), { recursive: true });
  writeFileSync(
    join(ROOT, `bench/results/replay-${date.slice(0, 10)}.json`),
    `${JSON.stringify({ date, kernel: release(), processor: cpus()[0]?.model, load: loadavg(), captureBytes: statSync(capture).size, results }, null, 2)}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
