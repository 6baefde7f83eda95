/**
 * The embedded store: documents taken per CPU second, time of the dashboard's questions, memory and disk.
 *
 *     npm run bench -- store [documents] [--beside URL] [--pid PID]
 *
 * 200,000 documents unless told otherwise. `--beside` measures a real Elasticsearch with the same documents and
 * questions after it, in its index logstash-bench; `--pid` is its process, for its memory. The questions are asked 20
 * times each, one at a time. Times include HTTP on loopback; what else runs on the machine is in them, so compare
 * results of one run.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureServer, type ServerResult } from "./store/measure.ts";

const { values, positionals } = parseArgs({
  options: { beside: { type: "string" }, pid: { type: "string" } },
  allowPositionals: true,
});
const documents = Number(positionals[0] ?? 200_000);
const directory = mkdtempSync(join(tmpdir(), "falco-store-bench-"));
const cli = join(import.meta.dirname, "..", "packages", "store", "src", "cli.ts");
// The same settings of allocator and heap as on the program's first line.
const flags = ["--max-semi-space-size=4", "--conditions=@falco-efk/source"];
const store = spawn(process.execPath, [...flags, cli, "--data", directory, "--port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, MALLOC_ARENA_MAX: "2" },
});
const results: ServerResult[] = [];
const loadBefore = loadavg();
try {
  const [line] = (await once(store.stdout, "data")) as [Buffer];
  const url = /ready at (\S+),/.exec(line.toString())?.[1] ?? "";
  results.push(await measureServer("embedded store", url, documents, store.pid ?? null));
  if (values.beside !== undefined) {
    const pid = values.pid === undefined ? null : Number(values.pid);
    results.push(await measureServer("Elasticsearch", values.beside.replace(/\/$/, ""), documents, pid));
  }
} finally {
  store.kill();
  await once(store, "exit");
  rmSync(directory, { recursive: true, force: true });
}

for (const { answers, residentMb, ...rest } of results) {
  console.table({ ...rest, residentMb: residentMb ? Object.values(residentMb).join(" / ") : "unknown" });
  console.table(answers);
}
const date = new Date().toISOString().slice(0, 10);
const machine = { cpus: cpus().length, model: cpus()[0]?.model, loadBefore, node: process.version };
const path = join(import.meta.dirname, "results", `store-${date}.json`);
mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
writeFileSync(path, `${JSON.stringify({ date, machine, results }, null, 2)}\n`);
console.log(`kept in bench/results/store-${date}.json`);
