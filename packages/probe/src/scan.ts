import { readFileSync } from "node:fs";
import type { ProcessImage, ProcessSnapshot } from "@falco-efk/event";
import { type FrameContext, FrameView } from "./frame-view.ts";
import type { ProcessIdentity } from "./options.ts";
import { readImage } from "./process-image.ts";
import { detachTask } from "./task-view.ts";

const NANOSECONDS_A_TICK = 10_000_000;

function strings(path: string): string[] {
  try {
    const text = readFileSync(path, "utf8");
    return text === "" ? [] : (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
  } catch {
    // The process ended meanwhile, or its memory is not ours to read.
    return [];
  }
}

/** A process's arguments and environment are read from /proc: the kernel programs see only their own process's memory. */
function withStrings(pid: number, image: ProcessImage): ProcessImage {
  const [exe = "", ...args] = strings(`/proc/${pid}/cmdline`);
  return { ...image, exe, args, env: strings(`/proc/${pid}/environ`) };
}

/** The snapshots in the frames that the kernel's walk over the processes gave. */
export function snapshotsOf(frames: Uint8Array<ArrayBuffer>, context: FrameContext): ProcessSnapshot[] {
  const view = new FrameView(context);
  const found: ProcessSnapshot[] = [];
  view.open(frames);
  for (let at = 0; at < frames.length; at += view.size) {
    view.move(at, 0);
    const image = readImage(view);
    const task = detachTask(view.task);
    if (image) found.push({ task, image: withStrings(task.pid, image) });
  }
  return found;
}

/**
 * Who a running process is, for `ignoreProcesses`.
 * @throws when there is no such process.
 */
export function identifyProcess(pid: number): ProcessIdentity {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces and parentheses: fields count from the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, startTime: Number(fields[19]) * NANOSECONDS_A_TICK };
}
