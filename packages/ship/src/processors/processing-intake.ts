import type { Batch } from "../batch.ts";
import type { Intake } from "../harvester/tracked-file.ts";

/** A batch after a step. */
export interface Stepped {
  readonly batch: Batch;
  /** Called once when nobody needs the batch's bytes any more. */
  readonly release?: () => void;
}

/** One thing that is done to every batch between reading and queueing. A promise where something has to be looked up. */
export type BatchStep = (batch: Batch) => Stepped | Promise<Stepped>;

/** Bytes of batches that may wait for lookups before reading pauses. */
const WAITING_BYTES = 4 << 20;

/**
 * An intake that runs steps over batches before it passes them on, in the order in which they came. A batch that becomes empty
 * is settled at once. When `signal` aborts, batches that still wait are given up: they're read again next time.
 */
export function processingIntake(steps: readonly BatchStep[], next: Intake, signal: AbortSignal): Intake {
  if (steps.length === 0) return next;
  let waiting = 0;
  let last: Promise<void> | null = null;
  const pass = (batch: Batch, bytes: number, releases: readonly (() => void)[], settle: () => void): void => {
    const done = (): void => {
      for (const release of releases) release();
      settle();
    };
    if (batch.count === 0) done();
    else next.submit(batch, Math.max(bytes, batch.data.length), done);
  };
  return {
    async room() {
      while (waiting > WAITING_BYTES && last !== null) await last;
      await next.room();
    },
    submit(batch, bytes, settle) {
      const releases: (() => void)[] = [];
      const stepped = runSteps(steps, 0, batch, releases);
      if (!(stepped instanceof Promise) && last === null) {
        pass(stepped, bytes, releases, settle);
        return;
      }
      waiting += bytes;
      const turn = inTurn(stepped, last).then((result) => {
        waiting -= bytes;
        if (last === turn) last = null;
        if (!signal.aborted) pass(result, bytes, releases, settle);
      });
      last = turn;
    },
  };
}

/** The batch once it's ready and those before it have gone on. */
async function inTurn(stepped: Batch | Promise<Batch>, before: Promise<void> | null): Promise<Batch> {
  const result = await stepped;
  await before;
  return result;
}

function runSteps(
  steps: readonly BatchStep[],
  first: number,
  batch: Batch,
  releases: (() => void)[],
): Batch | Promise<Batch> {
  let current = batch;
  for (let at = first; at < steps.length && current.count > 0; at++) {
    const stepped: ReturnType<BatchStep> | undefined = steps[at]?.(current);
    if (stepped === undefined) break;
    if (stepped instanceof Promise) {
      return stepped.then((result) => {
        if (result.release !== undefined) releases.push(result.release);
        return runSteps(steps, at + 1, result.batch, releases);
      });
    }
    current = stepped.batch;
    if (stepped.release !== undefined) releases.push(stepped.release);
  }
  return current;
}
