import { UserError } from "@falco-efk/kit";
import type { ShipConfig } from "../config/config.ts";
import { readRegistry } from "../registry/registry.ts";
import type { ShipStats } from "../stats.ts";

/** Prints what a running shipper says of itself, or what the registry remembers when none runs. */
export async function showStatus(config: ShipConfig, asJson: boolean): Promise<void> {
  const stats = await askRunning(config);
  if (stats !== null) {
    process.stdout.write(asJson ? `${JSON.stringify(stats)}\n` : renderStats(stats));
    return;
  }
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
  const rows = generations.map(({ path: file, offset, done }) => [file, String(offset), done ? "finished" : "open"]);
  process.stdout.write(
    `not running; the registry in ${path} remembers:\n${table([["FILE", "ACKNOWLEDGED", "STATE"], ...rows])}`,
  );
}

async function askRunning(config: ShipConfig): Promise<ShipStats | null> {
  const { enabled, host, port } = config.http;
  if (!enabled || port === 0) return null;
  try {
    const answer = await fetch(`http://${host}:${port}/stats`, { signal: AbortSignal.timeout(3000) });
    return answer.ok ? ((await answer.json()) as ShipStats) : null;
  } catch {
    return null;
  }
}

function renderStats(stats: ShipStats): string {
  const { acknowledged, duplicates, retried, deadLettered, inFlight, trouble } = stats;
  const lines = [
    `running since ${stats.started}${trouble === null ? "" : `, in trouble: ${trouble}`}`,
    `acknowledged ${acknowledged} (${duplicates} were there already), retried ${retried}, dead letters ${deadLettered}, in flight ${inFlight.records}`,
  ];
  const rows = stats.files.map((file) => [file.path, file.size, file.acknowledged, file.lag].map(String));
  return `${lines.join("\n")}\n${table([["FILE", "SIZE", "ACKNOWLEDGED", "LAG"], ...rows])}`;
}

/** Columns lined up: the first to the left, the rest to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
