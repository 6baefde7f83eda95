import { hash } from "node:crypto";
import { type Batch, ROW } from "../batch.ts";

/** A batch as a job carries it through Redis: bytes as base64, numbers as they are. */
export interface BatchJob {
  readonly generation: string;
  readonly path: string;
  readonly fallbackTime: string;
  readonly data: string;
  readonly rows: readonly number[];
  readonly offsets: readonly number[];
}

/** The job of a batch. */
export function toJob(batch: Batch): BatchJob {
  const { origin, fallbackTime, data, rows, offsets } = batch;
  return { ...origin, fallbackTime, data: data.toString("base64"), rows: [...rows], offsets: [...offsets] };
}

/** The batch of a job. */
export function fromJob(job: BatchJob): Batch {
  return {
    origin: { generation: job.generation, path: job.path },
    data: Buffer.from(job.data, "base64"),
    count: job.rows.length / ROW.width,
    rows: Uint32Array.from(job.rows),
    offsets: Float64Array.from(job.offsets),
    fallbackTime: job.fallbackTime,
  };
}

/** The same records always get the same job id, so a job that is added again while it is there is one job. */
export function jobId(batch: Batch): string {
  const last = batch.offsets[batch.count - 1] ?? 0;
  return `b${hash("sha256", `${batch.origin.generation} ${batch.offsets[0]} ${last} ${batch.count}`).slice(0, 32)}`;
}
