import { copyValue, type EventObject } from "../event.ts";
import { failed, type Processor, type ProcessorContext } from "../processor.ts";
import type { Settings } from "../settings.ts";

/** One change of an event: all or nothing. Answers why it can't be made, or null. */
export type Step = (event: EventObject) => string | null;

/**
 * Runs steps in order. Where one fails, `fail_on_error` (the default) leaves the event as it was before the first; without it
 * the others are still tried. `ignore_missing` makes a missing field no failure; it's for the steps to ask.
 */
export function runSteps(settings: Settings, context: ProcessorContext, steps: readonly Step[]): Processor {
  const failOnError = settings.flag("fail_on_error", true);
  const keep = failOnError && steps.length > 1;
  return (event) => {
    const before = keep ? (copyValue(event) as EventObject) : event;
    for (const step of steps) {
      const reason = step(event);
      if (reason === null) continue;
      failed(context, settings.name, reason);
      if (failOnError) return before;
    }
    return event;
  };
}
