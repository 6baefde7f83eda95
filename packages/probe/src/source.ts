import type { FrameView } from "./frame-view.ts";

/**
 * Calls `handle` for every frame of the batch that the view has open, from the byte `from` to the byte `bytes`.
 * @returns the running number of the last event.
 */
export function eachFrame(
  view: FrameView,
  bytes: number,
  lastNumber: number,
  handle: (frame: FrameView) => void,
  from = 0,
): number {
  let number = lastNumber;
  for (let at = from; at < bytes; at += view.size) {
    number++;
    view.move(at, number);
    if (view.size === 0) throw new Error(`a frame without a size at ${at} of ${bytes}`);
    handle(view);
  }
  return number;
}
