import { type Batch, FLAG, ROW } from "../../batch.ts";
import { generationId, OFFSET_ID_LENGTH, writeOffsetId } from "../../record-id.ts";
import type { IndexPattern } from "./index-pattern.ts";

/** One record among several batches. */
export interface Pick {
  readonly batch: Batch;
  readonly index: number;
}

/** The bytes that stand before a record, for records of one generation whose times agree as far as the index needs. */
interface Head {
  readonly bytes: Buffer;
  readonly idAt: number;
  /** Where the time stands, or -1 when the record brings its own. */
  readonly timeAt: number;
  readonly timeLength: number;
}

const NEWLINE = 0x0a;
/** More than any head has beside the index name. */
const HEAD_SLACK = 160;

/**
 * Writes `_bulk` bodies: for each record the action line, then the record with `@timestamp` put in behind its opening
 * brace. Records are copied, never parsed.
 */
export class BulkEncoder {
  readonly #pattern: IndexPattern;
  readonly #heads = new Map<string, Head>();

  constructor(pattern: IndexPattern) {
    this.#pattern = pattern;
  }

  /** An upper bound for the size of these batches' body. */
  size(batches: readonly Batch[]): number {
    let size = 0;
    for (const { data, count, fallbackTime } of batches) {
      size += data.length + count * (this.#pattern.nameFor(fallbackTime).length + HEAD_SLACK);
    }
    return size;
  }

  /** Writes all records into `target` and answers the length of the body. */
  encode(batches: readonly Batch[], target: Buffer): number {
    let at = 0;
    for (const batch of batches) {
      for (let index = 0; index < batch.count; index++) at = this.#write(batch, index, target, at);
    }
    return at;
  }

  /** Writes some records into `target` and answers the length of the body. */
  encodePicks(picks: readonly Pick[], target: Buffer): number {
    let at = 0;
    for (const { batch, index } of picks) at = this.#write(batch, index, target, at);
    return at;
  }

  /** The index that a record goes to. */
  indexOf(batch: Batch, index: number): string {
    const row = index * ROW.width;
    const start = batch.rows[row + ROW.timeStart] ?? 0;
    const end = batch.rows[row + ROW.timeEnd] ?? 0;
    return this.#pattern.nameFor(start === end ? batch.fallbackTime : batch.data.toString("latin1", start, end));
  }

  #last: { batch: Batch; head: Head; day: Buffer } | null = null;

  #write(batch: Batch, index: number, target: Buffer, from: number): number {
    const { rows, data } = batch;
    const row = index * ROW.width;
    const start = rows[row] ?? 0;
    const end = rows[row + ROW.end] ?? 0;
    const timeStart = rows[row + ROW.timeStart] ?? 0;
    const timeLength = (rows[row + ROW.timeEnd] ?? 0) - timeStart;
    const own = rows[row + ROW.flags] === FLAG.ownTimestamp;
    const head = this.#head(batch, timeStart, timeLength, own);
    writeOffsetId(head.bytes, head.idAt, batch.offsets[index] ?? 0);
    if (head.timeAt >= 0 && timeLength > 0) {
      const { bytes, timeAt } = head;
      for (let byte = 0; byte < timeLength; byte++) bytes[timeAt + byte] = data[timeStart + byte] ?? 0;
    }
    target.set(head.bytes, from);
    let at = from + head.bytes.length;
    // The head ends with the record's opening brace, so the record follows without it.
    data.copy(target, at, start + 1, end);
    at += end - start - 1;
    target[at] = NEWLINE;
    return at + 1;
  }

  #head(batch: Batch, timeStart: number, timeLength: number, own: boolean): Head {
    const last = this.#last;
    const { significant } = this.#pattern;
    const mayBeLast = last !== null && last.batch === batch && last.head.timeAt >= 0 && !own && timeLength > 0;
    if (mayBeLast && last.head.timeLength === timeLength) {
      let same = 0;
      while (same < significant && last.day[same] === batch.data[timeStart + same]) same += 1;
      if (same === significant) return last.head;
    }
    const time =
      timeLength === 0 ? batch.fallbackTime : batch.data.toString("latin1", timeStart, timeStart + timeLength);
    const index = this.#pattern.nameFor(time);
    const stamp = own ? "" : timeLength === 0 ? batch.fallbackTime : String(timeLength);
    const key = `${index}\n${batch.origin.generation}\n${stamp}`;
    let head = this.#heads.get(key);
    if (head === undefined) {
      if (this.#heads.size > 1000) this.#heads.clear();
      head = makeHead(index, batch.origin.generation, own ? null : time, timeLength);
      this.#heads.set(key, head);
    }
    this.#last = { batch, head, day: Buffer.from(time.slice(0, significant), "latin1") };
    return head;
  }
}

function makeHead(index: string, generation: string, time: string | null, timeLength: number): Head {
  const action = `{"create":{"_index":${JSON.stringify(index)},"_id":"${generationId(generation)}`;
  const gap = " ".repeat(OFFSET_ID_LENGTH);
  const opening = `"}}\n{`;
  const stamp = time === null ? "" : `"@timestamp":"${time}",`;
  const before = Buffer.byteLength(action);
  return {
    bytes: Buffer.from(`${action}${gap}${opening}${stamp}`),
    idAt: before,
    timeAt: time === null ? -1 : before + OFFSET_ID_LENGTH + opening.length + '"@timestamp":"'.length,
    timeLength,
  };
}
