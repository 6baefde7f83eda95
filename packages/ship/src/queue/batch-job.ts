import { hash } from "node:crypto";
import type { Batch } from "../batch.ts";
import { packBatch, unpackBatch } from "./packed-batch.ts";

/** A batch as a job carries it through Redis. */
export interface BatchJob {
  /** A packed batch, base64. */
  readonly batch: string;
}

/** The job of a batch. */
export function toJob(batch: Batch): BatchJob {
  return { batch: packBatch(batch).toString("base64") };
}

/** The batch of a job. */
export function fromJob(job: BatchJob): Batch {
  return unpackBatch(Buffer.from(job.batch, "base64"));
}

/** The same records always get the same job id, so a job that is added again while it is there is one job. */
export function jobId(batch: Batch): string {
  const last = batch.offsets[batch.count - 1] ?? 0;
  return `b${hash("sha256", `${batch.origin.generation} ${batch.offsets[0]} ${last} ${batch.count}`).slice(0, 32)}`;
}
