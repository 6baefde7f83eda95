import { type Batch, FLAG, ROW, recordBytes, recordTime } from "../batch.ts";

/** A record with `@timestamp` and, behind it, further members as text (each followed by a comma). */
export function stampRecord(batch: Batch, index: number, members = ""): Buffer {
  const bytes = recordBytes(batch, index);
  const own = batch.rows[index * ROW.width + ROW.flags] === FLAG.ownTimestamp;
  const stamp = own ? "" : `"@timestamp":"${recordTime(batch, index)}",`;
  return Buffer.concat([Buffer.from(`{${stamp}${members}`), bytes.subarray(1)]);
}
