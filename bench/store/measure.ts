import { readFileSync } from "node:fs";
import { bulkOfEvents } from "./documents.ts";
import { questions } from "./questions.ts";

/** How long one question took, in milliseconds. */
export interface AnswerTimes {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly hits: number;
}

/** What was measured of one server. Memory is in MB of 2^20 bytes; null where it runs on another machine. */
export interface ServerResult {
  readonly server: string;
  readonly documents: number;
  readonly ingestSeconds: number;
  readonly cpuSeconds: number;
  readonly documentsPerCpuSecond: number;
  readonly dashboardP50Ms: number;
  readonly dashboardP95Ms: number;
  readonly answers: readonly AnswerTimes[];
  readonly residentMb: { readonly median: number; readonly highest: number; readonly idle: number } | null;
  readonly diskMb: number;
  readonly bytesPerDocument: number;
}

const BATCH = 2000;
const ROUNDS = 20;
const START = Date.UTC(2026, 10, 22);
const INDEX = "logstash-bench";

/** Fills a server with documents and asks it the dashboard's questions. `pid` is its process, when it is on this machine. */
export async function measureServer(
  server: string,
  url: string,
  documents: number,
  pid: number | null,
): Promise<ServerResult> {
  await fetch(`${url}/${INDEX}`, { method: "DELETE" });
  const resident: number[] = [];
  const cpuBefore = await cpuSeconds(url);
  const started = performance.now();
  for (let from = 0; from < documents; from += BATCH) {
    const count = Math.min(BATCH, documents - from);
    const answer = await send(`${url}/_bulk`, bulkOfEvents(from, count, documents, START));
    if (answer.errors !== false) {
      throw new Error(`${server} refused documents: ${JSON.stringify(answer).slice(0, 300)}`);
    }
    if (pid !== null) {
      resident.push(residentMb(pid));
    }
  }
  const ingestSeconds = (performance.now() - started) / 1000;
  await fetch(`${url}/${INDEX}/_refresh`, { method: "POST" });
  const cpu = (await cpuSeconds(url)) - cpuBefore;
  const { answers, dashboard } = await ask(url);
  const idle = pid === null ? 0 : await idleMb(pid);
  const stats = (await (await fetch(`${url}/${INDEX}/_stats`)).json()) as {
    _all: { total: { docs: { count: number }; store: { size_in_bytes: number } } };
  };
  const { docs, store } = stats._all.total;
  if (docs.count !== documents) {
    throw new Error(`${server} holds ${docs.count} documents of ${documents}`);
  }
  return {
    server,
    documents,
    ingestSeconds: rounded(ingestSeconds),
    cpuSeconds: rounded(cpu),
    documentsPerCpuSecond: Math.round(documents / cpu),
    dashboardP50Ms: percentile(dashboard, 0.5),
    dashboardP95Ms: percentile(dashboard, 0.95),
    answers,
    residentMb:
      pid === null
        ? null
        : { median: percentile(resident, 0.5), highest: rounded(Math.max(...resident)), idle: rounded(idle) },
    diskMb: rounded(store.size_in_bytes / 2 ** 20),
    bytesPerDocument: Math.round(store.size_in_bytes / documents),
  };
}

async function ask(url: string): Promise<{ answers: AnswerTimes[]; dashboard: number[] }> {
  const dashboard: number[] = [];
  const answers: AnswerTimes[] = [];
  for (const { name, body, extra } of questions(START)) {
    const times: number[] = [];
    let hits = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      const answer = await send(
        `${url}/${INDEX}/_search?request_cache=false`,
        JSON.stringify({ ...body, track_total_hits: true }),
      );
      times.push(performance.now() - started);
      hits = (answer.hits as { total: { value: number } }).total.value;
    }
    answers.push({ name, p50: percentile(times, 0.5), p95: percentile(times, 0.95), hits });
    if (!extra) {
      dashboard.push(...times);
    }
  }
  return { answers, dashboard };
}

async function send(url: string, body: string): Promise<Record<string, unknown>> {
  const type = url.endsWith("_bulk") ? "application/x-ndjson" : "application/json";
  const response = await fetch(url, { method: "POST", headers: { "content-type": type }, body });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) {
    throw new Error(`${url}: ${response.status} ${JSON.stringify(answer).slice(0, 300)}`);
  }
  return answer;
}

/** CPU that the server's process has used, as it says itself. */
async function cpuSeconds(url: string): Promise<number> {
  const stats = (await (await fetch(`${url}/_nodes/stats/process`)).json()) as {
    nodes: Record<string, { process: { cpu: { total_in_millis: number } } }>;
  };
  return (Object.values(stats.nodes)[0]?.process.cpu.total_in_millis ?? Number.NaN) / 1000;
}

/** The least memory seen in some seconds without requests. */
async function idleMb(pid: number): Promise<number> {
  let least = Infinity;
  for (let second = 0; second < 8; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    least = Math.min(least, residentMb(pid));
  }
  return least;
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
