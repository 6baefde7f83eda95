import { hostname } from "node:os";
import type { EngineConfig } from "../config/config.ts";
import { createEventState, type EventStateParts } from "../event-state.ts";
import { openReplay, type ReplayWithState } from "../open-source.ts";

/** A capture and the state that its events are read with. Close the source. */
export interface OpenCapture {
  readonly opened: ReplayWithState;
  readonly parts: EventStateParts;
}

/** Opens a capture for a command that evaluates rules over it. */
export async function openCapture(file: string, config: EngineConfig): Promise<OpenCapture> {
  const opened = await openReplay(file);
  const { processes, recorded } = opened;
  const parts = createEventState({
    config,
    live: false,
    hostname: hostname(),
    processes,
    own: null,
    ...(recorded === undefined ? {} : { recorded }),
  });
  return { opened, parts };
}
