import { type Batch, FLAG, ROW } from "../batch.ts";
import type { ShipConfig } from "../config/config.ts";
import { clearLineTable, createLineTable } from "../lines/line-table.ts";
import { mendLines } from "../lines/mend-lines.ts";
import { splitLines } from "../lines/split-lines.ts";
import { createSink } from "../sinks/create-sink.ts";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";
import type { LetterIndex } from "./letter-index.ts";

/** What became of replayed letters. */
export interface ReplayResult {
  readonly delivered: number;
  /** Those that stay: refused again, or not taken before the end. */
  readonly rejected: number;
  /** The distinct reasons of those that stay. */
  readonly reasons: readonly string[];
}

/** Letters by their ids, in the index that they are read through. */
export interface ChosenLetters {
  readonly index: LetterIndex;
  readonly ids: readonly string[];
}

/** How a replay is followed and ended. */
export interface ReplayControl {
  /** When it aborts, what hasn't been taken stays among the letters. */
  readonly signal: AbortSignal;
  /** The output can't be reached or refuses everything. */
  readonly trouble: (reason: string) => void;
}

/** Sends the chosen letters again, under their old document ids. What is delivered leaves the file, the rest stays. */
export async function replayLetters(
  config: ShipConfig,
  letters: DeadLetters,
  { index, ids }: ChosenLetters,
  control: ReplayControl,
): Promise<ReplayResult> {
  let delivered = 0;
  let trouble = "";
  const rejected = new Set<string>();
  const reasons = new Set<string>();
  let sending = "";
  const ignore = (): void => undefined;
  const sink = await createSink(config, {
    random: Math.random,
    events: {
      delivered: ignore,
      retried: ignore,
      trouble: (reason) => {
        if (reason === null || reason === trouble) return;
        trouble = reason;
        control.trouble(reason);
      },
    },
    reject: async (records) => {
      rejected.add(sending);
      for (const { reason } of records) reasons.add(reason);
    },
  });
  try {
    for await (const letter of index.each(ids)) {
      sending = letter.id;
      const batch = letterBatch(letter);
      if (batch === null) {
        rejected.add(letter.id);
        reasons.add(`${letter.id}: only the beginning of the line is kept; read ${letter.path} at ${letter.offset}`);
        continue;
      }
      try {
        await sink.deliver([batch], control.signal);
      } catch (error) {
        if (!control.signal.aborted) throw error;
        reasons.add(trouble === "" ? "the output did not answer in time" : trouble);
        break;
      }
      if (rejected.has(letter.id)) continue;
      await letters.remove([letter.id]);
      delivered += 1;
    }
  } finally {
    await sink.close();
  }
  return { delivered, rejected: ids.length - delivered, reasons: [...reasons] };
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
