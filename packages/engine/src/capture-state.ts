import { readFileSync } from "node:fs";
import type { ProcessSnapshot } from "@falco-efk/event";
import { type AccountFiles, readBootTime } from "@falco-efk/fields";

/** What a capture holds beside its events, so that a replay shows on any machine what the recording one would have. */
export interface CaptureState {
  readonly processes: readonly ProcessSnapshot[];
  /** Wall-clock time of the recording machine's boot, nanoseconds since the epoch. */
  readonly bootTime: bigint;
  /** The recording host's account files, by path. */
  readonly accounts: Readonly<Record<string, string>>;
}

const ACCOUNT_FILES = ["/etc/passwd", "/etc/group"];

/** Takes the state of this machine for a capture. */
export function takeCaptureState(processes: readonly ProcessSnapshot[]): CaptureState {
  const accounts: Record<string, string> = {};
  for (const file of ACCOUNT_FILES) {
    try {
      accounts[file] = readFileSync(file, "utf8");
    } catch {
      // Without it, ids stay numbers in a replay.
    }
  }
  // Environments may hold secrets and no rule asks for those of processes that ran before.
  const lean = processes.map(({ task, image }) => ({ task, image: { ...image, env: [] } }));
  return { processes: lean, bootTime: readBootTime(), accounts };
}

/** Reads a capture's state; what is not there is empty. */
export function readCaptureState(state: unknown): CaptureState {
  const known = (state ?? {}) as Partial<CaptureState>;
  return { processes: known.processes ?? [], bootTime: known.bootTime ?? 0n, accounts: known.accounts ?? {} };
}

/** Account files as the capture has them; a container's are not in it. */
export function accountFilesOf(state: CaptureState): AccountFiles {
  return {
    readText(path) {
      const text = state.accounts[path];
      if (text === undefined) throw new Error(`${path} is not in the capture`);
      return text;
    },
    version: (path) => (state.accounts[path] === undefined ? "" : "capture"),
  };
}
