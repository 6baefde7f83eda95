import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { MergeRequest } from "./merge.ts";

const ENTRY = new URL(`./merge-worker${extname(import.meta.filename)}`, import.meta.url);

/** A merge that runs in a thread of its own. */
export interface RunningMerge {
  /** By input and old document number: the new one plus 1, 0 for what was left out. Rejects with what failed. */
  readonly done: Promise<Uint32Array[]>;
  /** Ends it at once. What it has written so far is removed by the next opening. */
  stop(): Promise<void>;
}

/** Starts a merge. */
export function startMerge(request: MergeRequest): RunningMerge {
  const worker = new Worker(ENTRY, {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 12 },
  });
  const done = new Promise<Uint32Array[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the merge was stopped")));
  });
  done.catch(() => undefined);
  return {
    done,
    stop: async () => {
      await worker.terminate();
    },
  };
}
