import { type EventRecord, type EventTypeDefinition, eventTypeByName, paramIndex } from "@falco-efk/event";

/** Sizes and faults at the last exec; sizes are KiB. */
export interface ExecFigures {
  readonly majorFaults: number | bigint;
  readonly minorFaults: number | bigint;
  readonly vmSize: number | bigint;
  readonly vmResident: number | bigint;
  readonly vmSwap: number | bigint;
}

/** Both exec types hold them at the same positions. */
const FIRST_FIGURE = paramIndex(eventTypeByName("execve") as EventTypeDefinition, "pgft_maj");

/** What an exec told of sizes and faults; null where it told nothing. */
export function figuresOf(record: EventRecord): ExecFigures | null {
  const figure = (offset: number): number | bigint | null => {
    const value = record.param(FIRST_FIGURE + offset);
    return typeof value === "number" || typeof value === "bigint" ? value : null;
  };
  const vmSize = figure(2);
  if (vmSize === null) return null;
  return {
    majorFaults: figure(0) ?? 0,
    minorFaults: figure(1) ?? 0,
    vmSize,
    vmResident: figure(3) ?? 0,
    vmSwap: figure(4) ?? 0,
  };
}
