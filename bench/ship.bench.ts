/**
 * What shipping costs: CPU, time and memory for Falco lines from a file into a `_bulk` sink of its own process, beside rsyslog and syslog-ng.
 *
 * `npm run bench -- ship [lines] [--peers <folder>]`: one million lines unless told otherwise. The folder is where Debian's
 * packages of the peers were unpacked (`dpkg-deb -x`); without it they are looked for in the machine's own folders.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findPeers, shipWithPeer } from "./ship/peers.ts";
import { type ShipRun, shipFile, writeFalcoFile } from "./ship/throughput.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { peers: { type: "string" } } });
const lines = Number(positionals[0] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "falco-ship-bench-"));
const file = join(folder, "events.json");
try {
  writeFalcoFile(file, lines);
  const runs: ShipRun[] = [
    await shipFile("plain", file, lines, []),
    await shipFile("falco enrichment", file, lines, ["-E", "falco={ecs: true, mitre: true, severity: true}"]),
  ];
  const { found, missing } = findPeers(values.peers);
  const notMeasured = missing.map((name) => `${name}: not on this machine`);
  for (const peer of found) {
    const run = await shipWithPeer(peer, file, lines).catch((error: Error) => error.message);
    if (typeof run === "string") notMeasured.push(`${peer.name}: ${run}`);
    else runs.push(run);
  }
  for (const reason of notMeasured) console.log(`not measured: ${reason}`);
  console.table(
    runs.map((run) => ({
      run: run.name,
      lines: run.lines,
      "wall s": round(run.wallSeconds),
      "first bulk s": round(run.firstBulkSeconds),
      "CPU µs/line": round(run.cpuMicrosecondsPerLine),
      "peak MB": Math.round(run.peakMemoryMb),
    })),
  );
  const now = new Date().toISOString();
  const results = fileURLToPath(new URL("results/", import.meta.url));
  mkdirSync(results, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? "", cores: cpus().length, kernel: release(), node: process.version };
  const result = join(results, `ship-${now.slice(0, 10)}.json`);
  writeFileSync(result, `${JSON.stringify({ date: now, machine, runs, notMeasured }, null, 2)}\n`);
  console.log(result);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
