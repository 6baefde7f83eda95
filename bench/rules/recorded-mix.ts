import { hostname } from "node:os";
import type { EventContext } from "@falco-efk/fields";
import { loadConfig } from "../../packages/engine/src/config/load.ts";
import { createEventState, type EventStateParts } from "../../packages/engine/src/event-state.ts";
import { openReplay, type SourceWithState } from "../../packages/engine/src/open-source.ts";

/** An event of a capture, as the rules get it: the real fields read from it, and keep nothing between two evaluations. */
export interface RecordedEvent {
  readonly type: number;
  readonly context: EventContext;
  readonly record: EventContext["record"];
}

/** Reads a capture's events with the processes, accounts and containers that were there. */
export async function readMix(capture: string): Promise<readonly RecordedEvent[]> {
  const { state, event, source } = await openState(capture);
  const events: RecordedEvent[] = [];
  await source.run(
    (record) => {
      state.apply(record);
      const context = event.begin(record).detach();
      events.push({ type: record.type, context, record: context.record });
    },
    { signal: new AbortController().signal },
  );
  await source.close();
  return events;
}

/** The way from a capture's frames to `evaluate`, as in a replay; gives the number of events. */
export async function replay(capture: string, evaluate: (event: EventContext, type: number) => void): Promise<number> {
  const { state, event, source } = await openState(capture);
  let events = 0;
  await source.run(
    (record) => {
      state.apply(record);
      evaluate(event.begin(record), record.type);
      events++;
    },
    { signal: new AbortController().signal },
  );
  await source.close();
  return events;
}

async function openState(capture: string): Promise<EventStateParts & { readonly source: SourceWithState["source"] }> {
  const { config } = loadConfig({ file: null, assignments: [], environment: {} });
  const { source, processes, recorded } = await openReplay(capture);
  const parts = createEventState({
    config,
    live: false,
    hostname: recorded?.hostname ?? hostname(),
    processes,
    own: null,
    ...(recorded === undefined ? {} : { recorded }),
  });
  return { ...parts, source };
}
