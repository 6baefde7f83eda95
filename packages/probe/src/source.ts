import type { EventRecord } from "@falco-efk/event";
import type { FrameView } from "./frame-view.ts";

/**
 * Calls `handle` for every frame of a batch.
 * @returns the running number of the last event.
 */
export function eachFrame(
  view: FrameView,
  bytes: number,
  lastNumber: number,
  handle: (record: EventRecord) => void,
): number {
  let number = lastNumber;
  for (let at = 0; at < bytes; at += view.size) {
    number++;
    view.move(at, number);
    handle(view);
    if (view.size === 0) throw new Error(`a frame without a size at ${at} of ${bytes}`);
  }
  return number;
}
