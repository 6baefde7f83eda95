import type { Batch } from "../../batch.ts";
import { stampRecord } from "../stamp.ts";

/** A record as it goes out, and where it came from. */
export interface HttpRecord {
  readonly batch: Batch;
  readonly index: number;
  /** The record with its time, without a line break. */
  readonly bytes: Buffer;
}

/** Cuts the records of batches into requests of at most so many bytes and records; one record alone may be larger. */
export function* requestsOf(
  batches: readonly Batch[],
  limits: { readonly maxBytes: number; readonly maxRecords: number },
): Generator<readonly HttpRecord[]> {
  let request: HttpRecord[] = [];
  let size = 0;
  for (const batch of batches) {
    for (let index = 0; index < batch.count; index++) {
      const bytes = stampRecord(batch, index);
      const full = size + bytes.length + 1 > limits.maxBytes || request.length >= limits.maxRecords;
      if (full && request.length > 0) {
        yield request;
        request = [];
        size = 0;
      }
      request.push({ batch, index, bytes });
      size += bytes.length + 1;
    }
  }
  if (request.length > 0) yield request;
}

const NEWLINE = Buffer.from("\n");

/** The body of a request: one record a line. */
export function requestBody(records: readonly HttpRecord[]): Buffer {
  return Buffer.concat(records.flatMap(({ bytes }) => [bytes, NEWLINE]));
}
