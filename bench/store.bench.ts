/**
 * The embedded store beside a real Elasticsearch: documents taken per second and per CPU second, time of the dashboard's
 * questions, memory and disk.
 *
 *     npm run bench -- store [--documents=200000] [--rounds=20] [--alone] [--heap=1g]
 *
 * Both get the same documents and questions, one after the other, on an otherwise idle machine of their own. The
 * Elasticsearch is the one of test/elasticsearch, with a heap of 1 GB unless told otherwise, as by itself it would take
 * half of the machine's memory; `--alone` leaves it out. CPU seconds include what is done in the background afterwards,
 * such as merging. Each question is asked `--rounds` times to be computed anew, then as often as a page asks that
 * refreshes itself. Times include HTTP on loopback. The store is then killed and opened again.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { firstSearch, measureServer, type ServerResult } from "./store/measure.ts";
import { startElasticsearch, startEmbedded } from "./store/servers.ts";

const { values } = parseArgs({
  options: {
    documents: { type: "string", default: "200000" },
    rounds: { type: "string", default: "20" },
    alone: { type: "boolean", default: false },
    heap: { type: "string", default: "1g" },
  },
});
const documents = Number(values.documents.replaceAll("_", ""));
const rounds = Number(values.rounds);
const loadBefore = loadavg();
const began = performance.now();
const results: ServerResult[] = [];
const directory = mkdtempSync(join(tmpdir(), "falco-store-bench-"));
let opening: { readonly readyMs: number; readonly firstSearchMs: number };
try {
  const store = await startEmbedded(directory);
  try {
    results.push(await measureServer(store, documents, rounds));
  } finally {
    await store.kill();
  }
  const again = await startEmbedded(directory);
  const first = await firstSearch(again.url);
  await again.stop();
  if (first.documents !== documents) {
    throw new Error(`after kill -9 the store holds ${first.documents} documents of ${documents}`);
  }
  opening = { readyMs: again.readyMs, firstSearchMs: first.ms };
} finally {
  rmSync(directory, { recursive: true, force: true });
}
if (!values.alone) {
  const other = await startElasticsearch("9.5.3", values.heap);
  try {
    results.push(await measureServer(other, documents, rounds));
  } finally {
    await other.stop();
  }
}

for (const { answers, residentMb, ...rest } of results) {
  console.table({ ...rest, ...Object.fromEntries(Object.entries(residentMb).map(([k, v]) => [`MB ${k}`, v])) });
  console.table(answers);
}
console.log(`after kill -9: ready in ${opening.readyMs} ms, first search ${opening.firstSearchMs} ms`);
const ratios = compare(results);
if (ratios) {
  console.log("embedded store / Elasticsearch:");
  console.table(ratios);
}
const date = new Date().toISOString().slice(0, 10);
const machine = { cpus: cpus().length, model: cpus()[0]?.model, loadBefore, node: process.version };
const name = `store-${date}-${documents}.json`;
const minutes = Math.round((performance.now() - began) / 6000) / 10;
mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
writeFileSync(
  join(import.meta.dirname, "results", name),
  `${JSON.stringify({ date, machine, minutes, opening, ratios, results }, null, 2)}\n`,
);
console.log(`${minutes} minutes; kept in bench/results/${name}`);

/** Ours over theirs, for each figure; null without the other. */
function compare([ours, theirs]: readonly ServerResult[]): Record<string, number> | null {
  if (!ours || !theirs) {
    return null;
  }
  const over = (of: (result: ServerResult) => number): number => Math.round((of(ours) / of(theirs)) * 100) / 100;
  return {
    "documents per second": over((r) => r.documentsPerSecond),
    "documents per CPU second": over((r) => r.documentsPerCpuSecond),
    "dashboard p95": over((r) => r.dashboardP95Ms),
    "free text p95": over((r) => r.textP95Ms),
    "memory, highest": over((r) => r.residentMb.highest),
    "memory, idle": over((r) => r.residentMb.idle),
    disk: over((r) => r.diskMb),
  };
}
