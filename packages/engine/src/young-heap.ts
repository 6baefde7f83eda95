import { setFlagsFromString } from "node:v8";

/**
 * Keeps the heap for new objects at its first size of a megabyte each way. Left alone, V8 takes some thirty megabytes for
 * it while rules are compiled and never gives them back, though few objects outlive an event.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** Lets that heap grow with the load as V8 would: for a replay, whose speed counts more than its memory. */
export function letYoungHeapGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
}
