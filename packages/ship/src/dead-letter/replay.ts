import { type Batch, FLAG, ROW } from "../batch.ts";
import type { ShipConfig } from "../config/config.ts";
import { clearLineTable, createLineTable } from "../lines/line-table.ts";
import { mendLines } from "../lines/mend-lines.ts";
import { splitLines } from "../lines/split-lines.ts";
import { createSink } from "../sinks/create-sink.ts";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";

/** What became of replayed letters. */
export interface ReplayResult {
  readonly delivered: number;
  readonly rejected: number;
  /** The distinct reasons of rejections. */
  readonly reasons: readonly string[];
}

/** Sends letters again under their old ids. What is delivered leaves the file, the rest stays. */
export async function replayLetters(
  config: ShipConfig,
  letters: DeadLetters,
  chosen: readonly DeadLetter[],
): Promise<ReplayResult> {
  const rejected = new Set<string>();
  const reasons = new Set<string>();
  let sending = "";
  const ignore = (): void => undefined;
  const sink = await createSink(config, {
    random: Math.random,
    events: {
      delivered: ignore,
      retried: ignore,
      trouble: (reason) => reason !== null && process.stderr.write(`${reason}\n`),
    },
    reject: async (records) => {
      rejected.add(sending);
      for (const { reason } of records) reasons.add(reason);
    },
  });
  try {
    for (const letter of chosen) {
      sending = letter.id;
      const batch = letterBatch(letter);
      if (batch === null) {
        rejected.add(letter.id);
        reasons.add(`${letter.id}: only the beginning of the line is kept; read ${letter.path} at ${letter.offset}`);
        continue;
      }
      await sink.deliver([batch], new AbortController().signal);
      if (!rejected.has(letter.id)) await letters.remove([letter.id]);
    }
  } finally {
    await sink.close();
  }
  return { delivered: chosen.length - rejected.size, rejected: rejected.size, reasons: [...reasons] };
}

/** A batch of the one record in a letter, or null when the letter holds only its beginning. */
function letterBatch(letter: DeadLetter): Batch | null {
  const record = Buffer.from(letter.record, letter.encoding);
  if (record.length < letter.length) return null;
  const table = createLineTable();
  clearLineTable(table);
  splitLines(Buffer.concat([record, Buffer.from("\n")]), 0, record.length + 1, table);
  table.rows[ROW.flags] = FLAG.odd;
  const mended = mendLines(record, table, { invalidLines: "wrap", maxLineBytes: Number.POSITIVE_INFINITY });
  return {
    origin: { generation: letter.generation, path: letter.path },
    data: mended.data,
    count: mended.table.count,
    rows: mended.table.rows,
    offsets: Float64Array.of(letter.offset),
    fallbackTime: letter.timestamp,
  };
}
