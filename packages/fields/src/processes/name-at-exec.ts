import type { ProcessImage } from "@falco-efk/event";

/** The kernel keeps this much of a name. */
const COMM_LENGTH = 15;
/** A script's own path stands among the first arguments of its interpreter, behind options at most. */
const SCRIPT_ARGUMENTS = 3;

/**
 * The name that a process which already runs had after its exec, when its name of today may be one it gave itself
 * (node calls its main thread `MainThread`). The kernel takes the name from the file that was executed: the program, the
 * link it was called by, or the script. A name that is none of these was given later, and the program's own stands in.
 */
export function nameAtExec(image: ProcessImage): string {
  const program = image.exePath.replace(/ \(deleted\)$/, "");
  if (program === "" || image.exeFromMemfd) return image.comm;
  const candidates = [program, image.exe, ...image.args.slice(0, SCRIPT_ARGUMENTS)];
  return candidates.some((path) => commOf(path) === image.comm) ? image.comm : commOf(program);
}

function commOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).slice(0, COMM_LENGTH);
}
