import { type Logger, shutdownSignal } from "@falco-efk/kit";
import type { RunningEngine } from "./run-engine.ts";

/** The program's signals, from before it loads to its end. */
export interface Signals {
  /** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly stopping: AbortSignal;
  /** Lets signals act on an engine that runs, and stops it after so many seconds (0: never). Answers how to let go of it. */
  serve(running: RunningEngine, seconds: number): () => void;
}

/** SIGINT and SIGTERM end the engine, SIGHUP loads again, SIGUSR1 opens the outputs anew; while it loads these two do nothing. */
export function handleSignals(log: Logger): Signals {
  const stopping = shutdownSignal();
  let engine: RunningEngine | null = null;
  const reload = (): void => void engine?.reload();
  const reopen = (): void => {
    if (engine === null) return;
    log.info("opening the outputs anew");
    engine.engine.reopenOutputs();
  };
  process.on("SIGHUP", reload);
  process.on("SIGUSR1", reopen);
  return {
    stopping,
    serve(running, seconds) {
      engine = running;
      const stop = (): void => running.stop();
      if (stopping.aborted) stop();
      stopping.addEventListener("abort", stop, { once: true });
      const timer = seconds > 0 ? setTimeout(stop, seconds * 1000) : null;
      return () => {
        if (timer !== null) clearTimeout(timer);
        process.off("SIGHUP", reload);
        process.off("SIGUSR1", reopen);
      };
    },
  };
}
