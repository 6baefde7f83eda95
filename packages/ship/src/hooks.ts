import type { DeadLetter } from "./dead-letter/dead-letters.ts";
import { copyValue, type EventObject } from "./processors/event.ts";
import type { Processor } from "./processors/processor.ts";

/** What a program that embeds a shipper may be told, and may do. A hook that throws changes nothing of what is delivered. */
export interface ShipperHooks {
  /** Runs over every record before the configured processors: answers it changed, or null to drop it; may answer a promise. */
  readonly transform?: Processor;
  /** Records that the output has taken; `duplicates` of them it had already. */
  readonly onDelivered?: (records: number, duplicates: number) => void;
  /** Records that are sent again, and why. */
  readonly onRetried?: (records: number, reason: string) => void;
  /** Records put among the dead letters; called once they are safe there. */
  readonly onDeadLetters?: (letters: readonly DeadLetter[]) => void;
  /** Why things stand still, or null when they go on. */
  readonly onTrouble?: (reason: string | null) => void;
}

/** A hook's processor as one of the chain: an event that it throws for goes on as it was. */
export function hookProcessor(transform: Processor, failed: (reason: string) => void): Processor {
  const tell = (error: unknown): void => failed(error instanceof Error ? error.message : String(error));
  return (event, origin) => {
    const before = copyValue(event) as EventObject;
    try {
      const outcome = transform(event, origin);
      if (!(outcome instanceof Promise)) return outcome;
      return outcome.catch((error: unknown) => {
        tell(error);
        return before;
      });
    } catch (error) {
      tell(error);
      return before;
    }
  };
}
