import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type BulkSink, type Fault, startBulkSink } from "./support/bulk-sink.ts";
import { RotatingWriter, type Rotation } from "./support/rotating-writer.ts";
import { killNow, startShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

/** The long form: `SHIP_CRASH_ROUNDS=200 npm test`. */
const ROUNDS = Number(process.env.SHIP_CRASH_ROUNDS ?? 10);

test(`every line arrives exactly once through ${ROUNDS} kills, rotations and a sink in trouble`, async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "falco_events.json");
  const writer = new RotatingWriter(path);
  const config = writeConfig(folder.path, {
    inputs: [{ type: "filestream", paths: [path], scan_interval: "50ms" }],
    output: {
      elasticsearch: {
        hosts: [sink.url],
        timeout: "300ms",
        bulk_max_size: 200,
        backoff: { init: "10ms", max: "100ms" },
      },
    },
    registry: { path: join(folder.path, "registry"), flush: "20ms" },
    http: { enabled: false },
    logging: { level: "error" },
  });
  sink.fault = randomFault;
  let ship: ChildProcess = startShip(["-c", config]);
  let errors = "";
  const rotations: readonly Rotation[] = ["rename", "copytruncate", "gzip"];
  try {
    // Files rotated before the shipper first ran are not its own; from here on every line is.
    writer.write(1);
    await until(
      () => sink.documents.size > 0,
      30_000,
      () => `nothing arrived\n${errors}`,
    );
    for (let round = 0; round < ROUNDS; round++) {
      ship.stderr?.on("data", (chunk) => (errors += chunk));
      const end = Date.now() + 400 + Math.random() * 900;
      while (Date.now() < end) {
        writer.write(1 + Math.floor(Math.random() * 60));
        if (Math.random() < 0.08) writer.rotate(rotations[Math.floor(Math.random() * 3)] ?? "rename");
        await delay(Math.random() * 40);
      }
      await killNow(ship);
      writer.write(20);
      if (round % 2 === 0) writer.rotate(rotations[(round / 2) % 3] ?? "rename");
      ship = startShip(["-c", config]);
    }
    sink.fault = () => null;
    await until(
      () => sink.documents.size >= writer.written,
      30_000,
      () => missing(sink, writer.written) + errors,
    );
    await delay(300);
  } finally {
    await killNow(ship);
    writer.close();
    await sink.close();
  }
  const counts = countByNumber(sink);
  assert.deepEqual([...counts].filter(([, count]) => count !== 1).slice(0, 10), [], "no line is there twice");
  assert.equal(counts.size, writer.written);
});

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
