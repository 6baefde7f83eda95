import { setTimeout as delay } from "node:timers/promises";
import { shutdownSignal, UserError } from "@falco-efk/kit";
import type { ShipConfig } from "../config/config.ts";
import { readRegistry } from "../registry/registry.ts";
import type { ShipStats } from "../stats.ts";
import { readableBytes, readableCount, table, terminalWidth } from "./table.ts";

export interface StatusOptions {
  readonly json?: boolean;
  readonly once?: boolean;
}

const NO_COUNTS: Partial<ShipStats> = { rateLimited: 0, processorFailures: 0, lostBytes: 0 };
const AGAIN_MS = 1000;
/** Lines of the screen beside the files. */
const FRAME_LINES = 6;

/** Shows what a running shipper says of itself, live on a terminal; or what the registry remembers when none runs. */
export async function showStatus(config: ShipConfig, options: StatusOptions): Promise<void> {
  const stats = await askRunning(config);
  if (stats === null) return showRegistry(config, options.json === true);
  if (options.json === true) process.stdout.write(`${JSON.stringify(stats)}\n`);
  else if (options.once === true || !process.stdout.isTTY) process.stdout.write(renderStats(stats, null));
  else await watch(config, stats);
}

/** Draws again every second on the terminal's other screen, which leaves what was there before. */
async function watch(config: ShipConfig, first: ShipStats): Promise<void> {
  const stop = shutdownSignal();
  process.stdout.write("\u001b[?1049h\u001b[?25l");
  try {
    let before: ShipStats | null = null;
    let stats: ShipStats | null = first;
    while (!stop.aborted) {
      const text = stats === null ? "the shipper does not answer\n" : renderStats(stats, before);
      const lines = text.split("\n").slice(0, (process.stdout.rows || 24) - 1);
      process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join("\n")}\u001b[J`);
      await delay(AGAIN_MS, undefined, { signal: stop }).catch(() => undefined);
      before = stats;
      stats = await askRunning(config);
    }
  } finally {
    process.stdout.write("\u001b[?25h\u001b[?1049l");
  }
}

async function showRegistry(config: ShipConfig, asJson: boolean): Promise<void> {
  const { path } = config.registry;
  const content = await readRegistry(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new UserError("nothing runs here and there is no registry yet", { code: "NOT_RUNNING", file: path });
  });
  const generations = [...content.generations.values()];
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ running: false, generations })}\n`);
    return;
  }
  const rows = generations.map(({ path: file, offset, done }) => [
    file,
    readableCount(offset),
    done ? "finished" : "open",
  ]);
  process.stdout.write(`not running; the registry in ${path} remembers:\n`);
  const shrink = { column: 0, at: "middle" } as const;
  process.stdout.write(table([["FILE", "ACKNOWLEDGED", "STATE"], ...rows], { ...terminalWidth(), right: [1], shrink }));
}

async function askRunning(config: ShipConfig): Promise<ShipStats | null> {
  const { enabled, host, port } = config.http;
  if (!enabled || port === 0) return null;
  try {
    const answer = await fetch(`http://${host}:${port}/stats`, { signal: AbortSignal.timeout(3000) });
    if (!answer.ok) return null;
    const stats = (await answer.json()) as Partial<ShipStats>;
    // Another program may have the port, or a shipper of an older version that counts less.
    const isShipper = typeof stats.acknowledged === "number" && Array.isArray(stats.files);
    return isShipper ? ({ ...NO_COUNTS, ...stats } as ShipStats) : null;
  } catch {
    return null;
  }
}

/** The screen. `before` is what was shown a second ago, for the rate. */
function renderStats(stats: ShipStats, before: ShipStats | null): string {
  const { width } = terminalWidth();
  const { acknowledged, duplicates, retried, deadLettered, inFlight, lostBytes, rateLimited, trouble } = stats;
  const lag = stats.files.reduce((sum, file) => sum + file.lag, 0);
  const rate = before === null ? "" : `, ${readableCount(Math.max(0, acknowledged - before.acknowledged))}/s`;
  const facts = [
    `acknowledged ${readableCount(acknowledged)}${rate}`,
    `there already ${readableCount(duplicates)}`,
    `sent again ${readableCount(retried)}`,
    `dead letters ${readableCount(deadLettered)}`,
    `in flight ${readableCount(inFlight.records)}`,
    `lag ${readableBytes(lag)}`,
    ...(lostBytes === 0 ? [] : [`lost ${readableBytes(lostBytes)}`]),
    ...(rateLimited === 0 ? [] : [`rate limited ${readableCount(rateLimited)}`]),
  ];
  const since = stats.started.replace("T", " ").slice(0, 19);
  const head = [
    `falco-ship, running since ${since} UTC`,
    ...(trouble === null ? [] : wrap([`in trouble: ${trouble}`], width)),
    ...wrap(facts, width),
    "",
  ];
  const room =
    process.stdout.isTTY && before !== null
      ? (process.stdout.rows || 24) - FRAME_LINES - head.length
      : stats.files.length;
  const mostLag = stats.files.toSorted((a, b) => b.lag - a.lag || a.path.localeCompare(b.path));
  const shown = mostLag.slice(0, Math.max(1, room));
  const rows = shown.map(({ path, size, acknowledged: done, lag: behind }) => [
    path,
    readableBytes(size),
    size === 0 ? "100 %" : `${((100 * done) / size).toFixed(behind > 0 ? 1 : 0)} %`,
    readableBytes(behind),
  ]);
  const files = table([["FILE", "SIZE", "DONE", "LAG"], ...rows], {
    ...(width === undefined ? {} : { width }),
    right: [1, 2, 3],
    shrink: { column: 0, at: "middle" },
  });
  const more = stats.files.length - shown.length;
  return `${head.join("\n")}\n${files}${more > 0 ? `and ${more} more files\n` : ""}`;
}

/** Facts in as many lines as the width needs. */
function wrap(facts: readonly string[], width: number | undefined): readonly string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    const joined = `${last}, ${fact}`;
    if (last !== undefined && joined.length <= (width ?? 100)) lines[lines.length - 1] = joined;
    else lines.push(fact);
  }
  return lines;
}
