import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds, memoryMb, SHIP_PROGRAM, shipConfig, startSink } from "./processes.ts";
import { falcoLine } from "./throughput.ts";

/** What catching up with a large file costs. Memory is flat when its quarters are alike. */
export interface BacklogResult {
  readonly gigabytes: number;
  readonly lines: number;
  readonly wallSeconds: number;
  readonly cpuMicrosecondsPerLine: number;
  /** Highest memory seen in each quarter of the lines. */
  readonly quartersMb: readonly number[];
  readonly peakMb: number;
}

const PIECE_LINES = 10_000;

/** Writes a file of so many gigabytes below /var/tmp, ships it, and removes it. */
export async function measureBacklog(gigabytes: number): Promise<BacklogResult> {
  const folder = mkdtempSync("/var/tmp/falco-ship-backlog-");
  const sink = await startSink();
  try {
    const file = join(folder, "events.json");
    const lines = writeRepeated(file, gigabytes * 1e9);
    const config = join(folder, "ship.yml");
    writeFileSync(config, JSON.stringify(shipConfig(file, sink.url.origin, folder)));
    const start = Date.now();
    const ship = spawn(process.execPath, [...SHIP_PROGRAM, "-c", config], { stdio: ["ignore", "ignore", "inherit"] });
    const quarters = [0, 0, 0, 0];
    try {
      for (;;) {
        const { documents } = await sink.count();
        if (ship.exitCode !== null) throw new Error(`falco-ship ended after ${documents} of ${lines} lines`);
        const quarter = Math.min(3, Math.floor((documents * 4) / lines));
        quarters[quarter] = Math.max(quarters[quarter] ?? 0, Math.round(memoryMb(ship.pid, "VmRSS")));
        if (documents >= lines) break;
        await delay(50);
      }
      return {
        gigabytes,
        lines,
        wallSeconds: (Date.now() - start) / 1000,
        cpuMicrosecondsPerLine: (cpuSeconds(ship.pid) * 1e6) / lines,
        quartersMb: quarters,
        peakMb: memoryMb(ship.pid, "VmHWM"),
      };
    } finally {
      if (ship.exitCode === null) {
        ship.kill();
        await once(ship, "exit");
      }
    }
  } finally {
    sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same ten thousand lines again and again: offsets, and with them ids, differ all the same. */
function writeRepeated(file: string, bytes: number): number {
  let text = "";
  for (let number = 0; number < PIECE_LINES; number++)
    text += falcoLine(number, new Date(Date.UTC(2026, 0, 1) + number));
  const piece = Buffer.from(text);
  const fd = openSync(file, "w");
  let written = 0;
  for (; written * piece.length < bytes; written++) writeSync(fd, piece);
  closeSync(fd);
  return written * PIECE_LINES;
}
