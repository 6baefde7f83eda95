import type { Batch } from "../batch.ts";
import type { Intake } from "../harvester/tracked-file.ts";

/** One thing that is done to every batch between reading and queueing. */
export type BatchStep = (batch: Batch) => Batch;

/** An intake that runs steps over batches before it passes them on. A batch that becomes empty is settled at once. */
export function processingIntake(steps: readonly BatchStep[], next: Intake): Intake {
  if (steps.length === 0) return next;
  return {
    room: () => next.room(),
    submit(batch, bytes, settle) {
      let current = batch;
      for (const step of steps) if (current.count > 0) current = step(current);
      if (current.count === 0) settle();
      else next.submit(current, Math.max(bytes, current.data.length), settle);
    },
  };
}
