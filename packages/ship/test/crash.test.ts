import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type BulkSink, type Fault, startBulkSink } from "./support/bulk-sink.ts";
import { type RedisServer, startRedisServer } from "./support/redis-server.ts";
import { RotatingWriter, type Rotation } from "./support/rotating-writer.ts";
import { killNow, startShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

const LONG = process.env.FALCO_EFK_LONG === "1";
/** The long form: `npm run long -- packages/ship/test/crash.test.ts`; `SHIP_CRASH_ROUNDS` sets another number. */
const ROUNDS = Number(process.env.SHIP_CRASH_ROUNDS ?? (LONG ? 200 : 10));
const ROTATIONS: readonly Rotation[] = ["rename", "copytruncate", "gzip"];

/** The processes of one road, and a way to hurt them. */
interface Road {
  /** Kills something at random; the answer brings it back. */
  hurt(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

for (const queue of ["memory", "redis"] as const) {
  test(`every line arrives exactly once through ${ROUNDS} kills, rotations and a sink in trouble, the queue in ${queue}`, async (context) => {
    using folder = temporaryFolder();
    const sink = await startBulkSink();
    const writer = new RotatingWriter(join(folder.path, "falco_events.json"));
    const redis = queue === "redis" ? await startRedisServer() : null;
    const config = writeConfig(folder.path, {
      inputs: [{ type: "filestream", paths: [writer.path], scan_interval: "50ms" }],
      output: {
        elasticsearch: {
          hosts: [sink.url],
          timeout: "300ms",
          bulk_max_size: 200,
          backoff: { init: "10ms", max: "100ms" },
        },
      },
      queue: redis === null ? {} : { type: "redis", redis: { url: redis.url } },
      registry: { path: join(folder.path, "registry"), flush: "20ms" },
      http: { enabled: false },
      logging: { level: "error" },
    });
    let faults = 0;
    sink.fault = () => {
      const fault = randomFault();
      if (fault !== null) faults += 1;
      return fault;
    };
    const hurts = new Map<string, number>();
    const road = redis === null ? memoryRoad(config, hurts) : redisRoad(config, redis, hurts);
    let rotations = 0;
    const rotate = (rotation: Rotation): void => {
      rotations += 1;
      writer.rotate(rotation);
    };
    const started = Date.now();
    try {
      // Files rotated before the shipper first ran are not its own; from here on every line is.
      writer.write(1);
      await until(
        () => sink.documents.size > 0,
        120_000,
        () => "nothing arrived",
      );
      for (let round = 0; round < ROUNDS; round++) {
        const begun = Date.now();
        const end = begun + 400 + Math.random() * 900;
        const requests = sink.requests;
        // Half of the rounds wait until something is sent again: on a busy machine a start may take longer than a round.
        const patience = round % 2 === 0 ? 0 : 10_000;
        while (Date.now() < end || (sink.requests === requests && Date.now() < begun + patience)) {
          writer.write(1 + Math.floor(Math.random() * 60));
          if (Math.random() < (LONG ? 0.03 : 0.08)) rotate(ROTATIONS[Math.floor(Math.random() * 3)] ?? "rename");
          await delay(Math.random() * 40);
        }
        const mend = await road.hurt();
        writer.write(20);
        if (round % 2 === 0) rotate(ROTATIONS[(round / 2) % 3] ?? "rename");
        await mend();
      }
      sink.fault = () => null;
      await until(
        () => sink.documents.size >= writer.written,
        120_000,
        () => missing(sink, writer.written),
      );
      await delay(300);
    } finally {
      await road.close();
      await redis?.kill();
      writer.close();
      await sink.close();
    }
    const counts = countByNumber(sink);
    const twice = [...counts].filter(([, count]) => count !== 1);
    const report = {
      queue,
      rounds: ROUNDS,
      seconds: Math.round((Date.now() - started) / 1000),
      lines: writer.written,
      lost: writer.written - counts.size,
      twice: twice.length,
      sentAgain: sink.duplicates,
      requests: sink.requests,
      faults,
      rotations,
      killed: Object.fromEntries(hurts),
    };
    context.diagnostic(JSON.stringify(report));
    if (process.env.SHIP_CRASH_REPORT !== undefined) {
      appendFileSync(process.env.SHIP_CRASH_REPORT, `${JSON.stringify(report)}\n`);
    }
    assert.deepEqual(twice.slice(0, 10), [], "no line is there twice");
    assert.equal(counts.size, writer.written);
  });
}

function memoryRoad(config: string, hurts: Map<string, number>): Road {
  let ship: ChildProcess = startShip(["-c", config]);
  return {
    async hurt() {
      count(hurts, "shipper");
      await killNow(ship);
      return async () => {
        ship = startShip(["-c", config]);
      };
    },
    close: () => killNow(ship),
  };
}

/** A harvester, a worker and Redis: any of them is killed, and Redis, which keeps nothing on disk, is also wiped while it runs. */
function redisRoad(config: string, redis: RedisServer, hurts: Map<string, number>): Road {
  const start = (role: string): ChildProcess => startShip(["-c", config, "run", "--role", role]);
  const processes = { harvest: start("harvest"), work: start("work") };
  return {
    async hurt() {
      const dice = Math.random();
      if (dice < 0.25) {
        count(hurts, "redis");
        await redis.kill();
        return () => redis.start();
      }
      if (dice < 0.4) {
        count(hurts, "redis wiped");
        await redis.wipe();
        return async () => undefined;
      }
      const role = dice < 0.7 ? "harvest" : "work";
      count(hurts, role);
      await killNow(processes[role]);
      return async () => {
        processes[role] = start(role);
      };
    },
    async close() {
      await killNow(processes.harvest);
      await killNow(processes.work);
    },
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function randomFault(): Fault | null {
  const dice = Math.random();
  if (dice < 0.08) return { kind: "status", status: 429 };
  if (dice < 0.12) return { kind: "status", status: 503 };
  if (dice < 0.16) return { kind: "cut before" };
  if (dice < 0.22) return { kind: "cut after" };
  if (dice < 0.25) return { kind: "silence" };
  if (dice < 0.4) return { kind: "partial", status: 429, refuse: () => Math.random() < 0.3 };
  return null;
}

function countByNumber(sink: BulkSink): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { source } of sink.documents.values()) {
    const number = Number(/"evt\.num":(\d+)/.exec(source)?.[1]);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

function missing(sink: BulkSink, written: number): string {
  const counts = countByNumber(sink);
  const absent = Array.from({ length: written }, (_, number) => number).filter((number) => !counts.has(number));
  return `${absent.length} of ${written} lines are missing, first ${absent.slice(0, 5).join(", ")}\n`;
}
