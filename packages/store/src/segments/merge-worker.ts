import { parentPort, workerData } from "node:worker_threads";
import { type MergeRequest, mergeSegments } from "./merge.ts";

// The thread that one merge runs in: requests and searches go on in the main thread meanwhile.
const moved = await mergeSegments(workerData as MergeRequest);
parentPort?.postMessage(
  moved,
  moved.map(({ buffer }) => buffer),
);
