import type { Batch } from "../batch.ts";
import type { Intake } from "../harvester/tracked-file.ts";

/** A batch after a step. */
export interface Stepped {
  readonly batch: Batch;
  /** Called once when nobody needs the batch's bytes any more. */
  readonly release?: () => void;
}

/** One thing that is done to every batch between reading and queueing. */
export type BatchStep = (batch: Batch) => Stepped;

/** An intake that runs steps over batches before it passes them on. A batch that becomes empty is settled at once. */
export function processingIntake(steps: readonly BatchStep[], next: Intake): Intake {
  if (steps.length === 0) return next;
  return {
    room: () => next.room(),
    submit(batch, bytes, settle) {
      let current = batch;
      const releases: (() => void)[] = [];
      for (const step of steps) {
        if (current.count === 0) break;
        const stepped = step(current);
        current = stepped.batch;
        if (stepped.release !== undefined) releases.push(stepped.release);
      }
      const done = (): void => {
        for (const release of releases) release();
        settle();
      };
      if (current.count === 0) done();
      else next.submit(current, Math.max(bytes, current.data.length), done);
    },
  };
}
