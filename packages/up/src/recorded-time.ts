import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const MINUTE_MS = 60_000;

/**
 * The query by which the console shows the time that a replay's events are of, found in the first line of the events
 * file; empty when there is none yet. A recording is rarely of the last hours, which the console shows by itself.
 */
export async function recordedTimeQuery(eventsFile: string): Promise<string> {
  try {
    for await (const line of createInterface({ input: createReadStream(eventsFile) })) {
      const time = Date.parse((JSON.parse(line) as { time: string }).time);
      const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
      return `?from=${iso(time - MINUTE_MS)}&to=${iso(time + 5 * MINUTE_MS)}`;
    }
  } catch {
    // No line yet, or no whole one: the console's own default must do.
  }
  return "";
}
