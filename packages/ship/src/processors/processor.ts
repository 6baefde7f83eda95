import type { Logger } from "@falco-efk/kit";
import type { Origin } from "../batch.ts";
import type { EventObject } from "./event.ts";
import type { Settings } from "./settings.ts";

/** The event as a processor leaves it, or null when it's dropped. */
export type Outcome = EventObject | null;

/** Changes an event in place and answers it, or null to drop it. One that has to look something up answers a promise. */
export type Processor = (event: EventObject, origin: Origin) => Outcome | Promise<Outcome>;

/** What processors count. */
export type ProcessorCounter = "processor_failures" | "rate_limited";

/** What a processor is given beside its settings. */
export interface ProcessorContext {
  readonly log: Pick<Logger, "debug" | "info" | "warn" | "error">;
  /** Says what is wrong, once for each cause in a while. */
  readonly trouble: (cause: string, message: string) => void;
  readonly count: (counter: ProcessorCounter) => void;
  /** The clock, ms. */
  readonly now: () => number;
  /** Aborts when the shipper stops: whatever runs in the background ends. */
  readonly signal: AbortSignal;
}

/** Reads the settings and answers the function that runs for every event. What runs in the background starts with the first event. */
export type ProcessorKind = (settings: Settings, context: ProcessorContext) => Processor;

const silent = (): void => undefined;

/** A context for processors that are only checked, or run by themselves: nothing is told, nothing ends. */
export const IDLE_CONTEXT: ProcessorContext = {
  log: { debug: silent, info: silent, warn: silent, error: silent },
  trouble: silent,
  count: silent,
  now: Date.now,
  signal: new AbortController().signal,
};

/** A processor that only changes the event. */
export function change(act: (event: EventObject) => void): Processor {
  return (event) => {
    act(event);
    return event;
  };
}

/** Counts a processor's failure with an event, and tells of it. */
export function failed(context: ProcessorContext, name: string, reason: string): void {
  context.count("processor_failures");
  context.trouble(`processor ${name}`, `${name}: ${reason}; the event goes on as it was`);
}
