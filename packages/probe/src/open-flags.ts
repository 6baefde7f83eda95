import { EVENT_TYPES } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";

const O_WRONLY = 1;
const O_ACCMODE = 3;
const O_CREAT = 0o100;
const O_TRUNC = 0o1000;

/** Where a type's frames have the flags of an open: the offset of a 32-bit number; 0 for creat, which has none, and -1 for others. */
const FLAGS_AT: readonly number[] = EVENT_TYPES.map(({ name }) => {
  if (name === "open") return LAYOUT["frame.args"] + 8;
  if (name === "openat") return LAYOUT["frame.args"] + 16;
  if (name === "openat2") return LAYOUT["frame.extra"];
  return name === "creat" ? 0 : -1;
});

/** What an open asks for, as the filter's class bits; 0 for other calls. See bpf/hook_open.h. */
export function openClasses(frame: FrameView, type: number): number {
  const at = FLAGS_AT[type] as number;
  if (at < 0) return 0;
  const flags = at === 0 ? O_WRONLY | O_CREAT | O_TRUNC : frame.u32(at);
  // The fourth access mode is neither by its bits, and taken for both.
  return (
    ((flags & O_ACCMODE) !== O_WRONLY ? LAYOUT.CLASS_READ : 0) |
    ((flags & O_ACCMODE) !== 0 ? LAYOUT.CLASS_WRITE : 0) |
    ((flags & O_CREAT) !== 0 ? LAYOUT.CLASS_CREATE : 0) |
    ((flags & O_TRUNC) !== 0 ? LAYOUT.CLASS_TRUNCATE : 0)
  );
}
