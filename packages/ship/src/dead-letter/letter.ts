import { isUtf8 } from "node:buffer";
import { recordBytes, recordTime } from "../batch.ts";
import type { RefusedRecord } from "../harvester/harvester.ts";
import { recordId } from "../record-id.ts";
import type { RejectedRecord } from "../sinks/sink.ts";
import type { DeadLetter } from "./dead-letters.ts";

/** The dead letter of a record that a sink rejected. */
export function letterOfRejected(rejected: RejectedRecord, sink: string, now: number): DeadLetter {
  const { batch, index, status, reason } = rejected;
  const bytes = recordBytes(batch, index);
  const offset = batch.offsets[index] ?? 0;
  return {
    ...identity(batch.origin.generation, offset, batch.origin.path, now),
    by: sink,
    reason,
    status,
    timestamp: recordTime(batch, index),
    length: bytes.length,
    ...content(bytes),
  };
}

/** The dead letter of a line that the harvester refused. */
export function letterOfRefused(refused: RefusedRecord, now: number): DeadLetter {
  const { origin, offset, bytes, length, reason } = refused;
  return {
    ...identity(origin.generation, offset, origin.path, now),
    by: "harvester",
    reason,
    status: 0,
    timestamp: new Date(now).toISOString(),
    length,
    ...content(bytes),
  };
}

function identity(
  generation: string,
  offset: number,
  path: string,
  now: number,
): Pick<DeadLetter, "id" | "time" | "path" | "generation" | "offset"> {
  return { id: recordId(generation, offset), time: new Date(now).toISOString(), path, generation, offset };
}

function content(bytes: Buffer): Pick<DeadLetter, "record" | "encoding"> {
  const encoding = isUtf8(bytes) ? "utf8" : "base64";
  return { record: bytes.toString(encoding), encoding };
}
