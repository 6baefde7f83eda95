/**
 * What shipping costs: CPU, time and memory for Falco lines from a file into a `_bulk` sink of its own process, beside rsyslog
 * and syslog-ng; through Redis; from append to acknowledgement; idle; and with a large backlog.
 *
 * `npm run bench -- ship [lines] [--only=plain,enrichment,redis,peers,latency,idle,backlog] [--gigabytes=1] [--peers <folder>]`:
 * one million lines and all parts unless told otherwise. Debian's rsyslog and syslog-ng exclude each other: `--peers` names a
 * folder where their packages were unpacked (`dpkg-deb -x`); without it they are looked for in the machine's own folders.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureBacklog } from "./ship/backlog.ts";
import { findPeers, shipWithPeer } from "./ship/peers.ts";
import { measureIdle, measureLatency } from "./ship/steady.ts";
import { shipThroughRedis } from "./ship/through-redis.ts";
import { type ShipRun, shipFile, writeFalcoFile } from "./ship/throughput.ts";

const PARTS = ["plain", "enrichment", "redis", "peers", "latency", "idle", "backlog"] as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { peers: { type: "string" }, only: { type: "string" }, gigabytes: { type: "string", default: "1" } },
});
const lines = Number(positionals[0] ?? 1_000_000);
const only = new Set(values.only?.split(",") ?? PARTS);
for (const part of only) {
  if ((PARTS as readonly string[]).includes(part)) continue;
  console.error(`${part} is no part of this benchmark; there are ${PARTS.join(", ")}`);
  process.exit(1);
}
const load = loadavg()[0];
const folder = mkdtempSync(join(tmpdir(), "falco-ship-bench-"));
const file = join(folder, "events.json");
const runs: ShipRun[] = [];
const notMeasured: string[] = [];
const measured: Record<string, unknown> = {};
const keep = (run: ShipRun | string): void => {
  if (typeof run === "string") notMeasured.push(run);
  else runs.push(run);
};
try {
  if (["plain", "enrichment", "redis", "peers"].some((part) => only.has(part))) writeFalcoFile(file, lines);
  if (only.has("plain") || only.has("peers")) keep(await shipFile("plain", file, lines, []));
  if (only.has("enrichment")) {
    keep(await shipFile("falco enrichment", file, lines, ["-E", "falco={ecs: true, mitre: true, severity: true}"]));
  }
  if (only.has("redis")) keep(await shipThroughRedis(file, lines));
  if (only.has("peers")) {
    const { found, missing } = findPeers(values.peers);
    for (const name of missing) {
      keep(`${name}: not on this machine (Debian's rsyslog and syslog-ng exclude each other; see --peers)`);
    }
    for (const peer of found) {
      keep(await shipWithPeer(peer, file, lines).catch((error: Error) => `${peer.name}: ${error.message}`));
    }
  }
  rmSync(file, { force: true });
  if (only.has("latency")) measured["latency"] = await measureLatency();
  if (only.has("idle")) measured["idle"] = await measureIdle();
  if (only.has("backlog")) measured["backlog"] = await measureBacklog(Number(values.gigabytes));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const reason of notMeasured) console.log(`not measured: ${reason}`);
const plain = runs.find(({ name }) => name === "plain")?.cpuMicrosecondsPerLine;
if (runs.length > 0) {
  console.table(
    runs.map((run) => ({
      run: run.name,
      lines: run.lines,
      "wall s": round(run.wallSeconds),
      "first bulk s": round(run.firstBulkSeconds),
      "lines/s": Math.round(run.lines / run.wallSeconds),
      "CPU µs/line": round(run.cpuMicrosecondsPerLine),
      "times plain": plain === undefined ? "" : round(run.cpuMicrosecondsPerLine / plain),
      "peak MB": Math.round(run.peakMemoryMb),
    })),
  );
}
for (const [name, result] of Object.entries(measured)) console.log(name, result);
console.log(saveResults());

/** Adds what was measured to the day's results; what wasn't measured again stays. */
function saveResults(): string {
  const now = new Date().toISOString();
  const results = fileURLToPath(new URL("results/", import.meta.url));
  mkdirSync(results, { recursive: true });
  const result = join(results, `ship-${now.slice(0, 10)}.json`);
  const before = (existsSync(result) ? JSON.parse(readFileSync(result, "utf8")) : {}) as Record<string, unknown>;
  const machine = { cpu: cpus()[0]?.model ?? "", cores: cpus().length, kernel: release(), node: process.version, load };
  const throughput = runs.length + notMeasured.length > 0 ? { runs: mergeRuns(before["runs"]), notMeasured } : {};
  writeFileSync(result, `${JSON.stringify({ ...before, date: now, machine, ...throughput, ...measured }, null, 2)}\n`);
  return result;
}

function mergeRuns(before: unknown): readonly ShipRun[] {
  const old = (Array.isArray(before) ? before : []) as readonly ShipRun[];
  return [...old.filter(({ name }) => !runs.some((run) => run.name === name)), ...runs];
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
