import { cpuSeconds, residentMb, send, untilQuiet } from "./client.ts";
import { Feeder } from "./documents.ts";
import { type Question, questions } from "./questions.ts";

/** How long one question took, in milliseconds: computed anew, and as a page asks that refreshes itself. */
export interface AnswerTimes {
  readonly name: string;
  readonly kind: Question["kind"];
  readonly p50: number;
  readonly p95: number;
  readonly refreshP50: number;
  readonly refreshP95: number;
  readonly hits: number;
}

/** What was measured of one server. Memory is in MB of 2^20 bytes. */
export interface ServerResult {
  readonly server: string;
  readonly documents: number;
  readonly ingestSeconds: number;
  readonly documentsPerSecond: number;
  /** Until nothing is done in the background any more. */
  readonly cpuSeconds: number;
  readonly documentsPerCpuSecond: number;
  readonly dashboardP50Ms: number;
  readonly dashboardP95Ms: number;
  readonly textP95Ms: number;
  readonly refreshP95Ms: number;
  readonly answers: readonly AnswerTimes[];
  readonly residentMb: { readonly ingest: number; readonly highest: number; readonly idle: number };
  readonly diskMb: number;
  readonly bytesPerDocument: number;
}

/** A server to measure. */
export interface Measured {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

const START = Date.UTC(2026, 10, 22);
const INDEX = "logstash-bench";
/** Bodies on the way at once. */
const SENDERS = 2;

/** Fills a server with documents and asks it the questions, each `rounds` times. */
export async function measureServer(server: Measured, documents: number, rounds: number): Promise<ServerResult> {
  const { name, url, pid } = server;
  const memory: number[] = [];
  const cpuBefore = cpuSeconds(pid);
  const started = performance.now();
  await fill(server, documents, memory);
  const ingestSeconds = (performance.now() - started) / 1000;
  await send(`${url}/${INDEX}/_refresh`, "POST");
  await untilQuiet(pid, 180);
  const cpu = cpuSeconds(pid) - cpuBefore;
  const ingestMemory = percentile(memory, 0.5);
  const answers: (AnswerTimes & { readonly times: number[]; readonly refreshTimes: number[] })[] = [];
  for (const [at, { name: question, kind }] of questions(START).entries()) {
    const { times, hits } = await ask(url, at, rounds, false);
    const again = await ask(url, at, rounds, true);
    memory.push(residentMb(pid));
    answers.push({
      name: question,
      kind,
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      refreshP50: percentile(again.times, 0.5),
      refreshP95: percentile(again.times, 0.95),
      hits,
      times,
      refreshTimes: again.times,
    });
    console.log(`${name}: ${question}: p50 ${percentile(times, 0.5)} ms, again ${percentile(again.times, 0.5)} ms`);
  }
  const of = (kind: string): number[] => answers.filter((one) => one.kind === kind).flatMap(({ times }) => times);
  const idle = await idleMb(pid);
  const stats = JSON.parse(await send(`${url}/${INDEX}/_stats`, "GET")) as {
    _all: { total: { docs: { count: number }; store: { size_in_bytes: number } } };
  };
  const { docs, store } = stats._all.total;
  if (docs.count !== documents) {
    throw new Error(`${name} holds ${docs.count} documents of ${documents}`);
  }
  return {
    server: name,
    documents,
    ingestSeconds: rounded(ingestSeconds),
    documentsPerSecond: Math.round(documents / ingestSeconds),
    cpuSeconds: rounded(cpu),
    documentsPerCpuSecond: Math.round(documents / cpu),
    dashboardP50Ms: percentile(of("dashboard"), 0.5),
    dashboardP95Ms: percentile(of("dashboard"), 0.95),
    textP95Ms: percentile(of("text"), 0.95),
    refreshP95Ms: percentile(
      answers.filter(({ kind }) => kind === "dashboard").flatMap(({ refreshTimes }) => refreshTimes),
      0.95,
    ),
    answers: answers.map(({ times: _times, refreshTimes: _refreshTimes, ...kept }) => kept),
    residentMb: { ingest: ingestMemory, highest: rounded(Math.max(...memory)), idle: rounded(idle) },
    diskMb: rounded(store.size_in_bytes / 2 ** 20),
    bytesPerDocument: Math.round(store.size_in_bytes / documents),
  };
}

/** How long a search for the newest event takes, and how many events there are: proof that an opened store serves. */
export async function firstSearch(url: string): Promise<{ ms: number; documents: number }> {
  const started = performance.now();
  const body = { size: 1, sort: [{ "@timestamp": "desc" }], track_total_hits: true };
  const answer = JSON.parse(await send(`${url}/${INDEX}/_search`, "POST", JSON.stringify(body)));
  return { ms: rounded(performance.now() - started), documents: answer.hits.total.value };
}

async function fill({ name, url, pid }: Measured, documents: number, memory: number[]): Promise<void> {
  const feeder = new Feeder(documents, START);
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < feeder.bodies) {
      const number = next++;
      const answer = await send(`${url}/_bulk`, "POST", feeder.body(number));
      if (!/"errors":\s*false/.test(answer.slice(0, 200))) {
        throw new Error(`${name} refused documents: ${answer.slice(0, 300)}`);
      }
      if (number % 20 === 0) {
        memory.push(residentMb(pid));
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

/** Asks one question so many times. `refresh` asks as a page does: the span moves on, and results may be kept. */
async function ask(
  url: string,
  question: number,
  rounds: number,
  refresh: boolean,
): Promise<{ times: number[]; hits: number }> {
  const times: number[] = [];
  let hits = 0;
  for (let round = 0; round < rounds; round++) {
    const { body } = questions(START, refresh ? round : 0)[question] as Question;
    const started = performance.now();
    const text = await send(
      `${url}/${INDEX}/_search${refresh ? "" : "?request_cache=false"}`,
      "POST",
      JSON.stringify(body),
    );
    times.push(performance.now() - started);
    hits = (JSON.parse(text) as { hits: { total: { value: number } } }).hits.total.value;
  }
  return { times, hits };
}

/** The least memory seen in twenty seconds without requests. */
async function idleMb(pid: number): Promise<number> {
  let least = Infinity;
  for (let second = 0; second < 20; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    least = Math.min(least, residentMb(pid));
  }
  return least;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
