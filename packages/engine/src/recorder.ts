import { describeSystemError, type Logger, systemErrorCode, UserError } from "@falco-efk/kit";
import { type Probe, writeCapture } from "@falco-efk/probe";
import { takeCaptureState } from "./capture-state.ts";

/** A capture that is being written. */
export interface Recorder {
  /** Records this probe from now on. */
  attach(probe: Probe): void;
  close(): void;
}

/**
 * Starts a capture. Throws UserError (`CAPTURE`) when the file can't be made. Trouble later (a full disk) ends the
 * capture, which stays readable, and not the engine.
 */
export function startRecorder(file: string, probe: Probe, log: Logger): Recorder {
  let writer: ReturnType<typeof writeCapture> | null;
  try {
    writer = writeCapture(file, { state: takeCaptureState(probe.scanProcesses()), context: probe.frameContext });
  } catch (error) {
    const exists = systemErrorCode(error) === "EEXIST";
    throw new UserError(exists ? "there is a file of this name already" : describeSystemError(error), {
      code: "CAPTURE",
      file,
      ...(exists ? { hint: "a capture is never overwritten: name another file or remove it" } : {}),
      cause: error,
    });
  }
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      writer = null;
      log.error(`${file}: the capture ends here: ${describeSystemError(error)}`);
    }
  };
  return {
    attach(tapped) {
      tapped.tap((frames) => {
        if (writer !== null) attempt(() => writer?.write(frames));
      });
    },
    close() {
      attempt(() => writer?.close());
      writer = null;
    },
  };
}
