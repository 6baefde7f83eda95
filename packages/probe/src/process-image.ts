import type { ProcessImage } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";

/** NUL-separated strings of a section; a last one that was cut keeps what there is of it. */
export function readStrings(frame: FrameView, section: number): string[] {
  const text = frame.text(section);
  if (text === null) return [];
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}

/** The `name=/path` line of the control group. */
export function readCgroups(frame: FrameView): string[] {
  const path = frame.text(LAYOUT.SECTION_CGROUP);
  return path === null ? [] : [`${frame.context.cgroupController}=${path}`];
}

/** A number of the frame's image. */
export function imageNumber(frame: FrameView, member: number, bytes: 4 | 8): number | bigint {
  return frame.unaligned(frame.sectionStart(LAYOUT.SECTION_IMAGE) + member, bytes);
}

/** What an exec or fork tells about the process; null for other frames and for a failed exec. Holds until the view moves on. */
export function readImage(frame: FrameView): ProcessImage | null {
  if (frame.sectionLength(LAYOUT.SECTION_IMAGE) === 0 || frame.result !== 0) return null;
  const flags = Number(imageNumber(frame, LAYOUT["frame_image.flags"], 4));
  const [exe = "", ...args] = readStrings(frame, LAYOUT.SECTION_ARGS);
  return {
    exe,
    exePath: frame.text(LAYOUT.SECTION_EXE_PATH) ?? "",
    args,
    // Mostly the longest of all, and hardly ever asked for.
    get env() {
      return readStrings(frame, LAYOUT.SECTION_ENV);
    },
    cwd: frame.text(LAYOUT.SECTION_CWD) ?? "",
    comm: frame.task.comm,
    exeInode: imageNumber(frame, LAYOUT["frame_image.inode"], 8),
    exeCtime: imageNumber(frame, LAYOUT["frame_image.ctime"], 8),
    exeMtime: imageNumber(frame, LAYOUT["frame_image.mtime"], 8),
    exeWritable: (flags & LAYOUT.IMAGE_WRITABLE) !== 0,
    exeUpperLayer: (flags & LAYOUT.IMAGE_UPPER_LAYER) !== 0,
    exeLowerLayer: (flags & LAYOUT.IMAGE_LOWER_LAYER) !== 0,
    exeFromMemfd: (flags & LAYOUT.IMAGE_FROM_MEMFD) !== 0,
    fdLimit: imageNumber(frame, LAYOUT["frame_image.fd_limit"], 8),
    cgroups: readCgroups(frame),
  };
}
