import { type Batch, ROW } from "../../src/batch.ts";
import { createLineTable } from "../../src/lines/line-table.ts";
import { mendLines } from "../../src/lines/mend-lines.ts";
import { splitLines } from "../../src/lines/split-lines.ts";

/** The batch that a harvester would make of a text of whole lines. */
export function batchOf(text: string): Batch {
  const table = createLineTable();
  const bytes = Buffer.from(text);
  splitLines(bytes, 0, bytes.length, table);
  const mended = mendLines(bytes, table, { invalidLines: "wrap", maxLineBytes: 1 << 20 });
  const { count, rows } = mended.table;
  return {
    origin: { generation: "0".repeat(32), path: "/test" },
    data: mended.data,
    count,
    rows: rows.slice(0, count * ROW.width),
    offsets: Float64Array.from({ length: count }, (_, index) => table.rows[(mended.from[index] ?? 0) * ROW.width] ?? 0),
    fallbackTime: "2026-01-02T03:04:05.000Z",
  };
}
