import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const MINUTE_MS = 60_000;
const FIRST_LINE_MS = 3000;

/**
 * The query by which the console shows the time that a replay's events are of, found in the first line of the events
 * file; empty when there is none yet. A recording is rarely of the last hours, which the console shows by itself.
 */
export async function recordedTimeQuery(eventsFile: string): Promise<string> {
  const deadline = Date.now() + FIRST_LINE_MS;
  let time = await firstTime(eventsFile);
  while (Number.isNaN(time) && Date.now() < deadline) {
    await sleep(50);
    time = await firstTime(eventsFile);
  }
  if (Number.isNaN(time)) return "";
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
  return `?from=${iso(time - MINUTE_MS)}&to=${iso(time + 5 * MINUTE_MS)}`;
}

/** Milliseconds since the epoch, NaN while there is no whole line. */
async function firstTime(eventsFile: string): Promise<number> {
  try {
    for await (const line of createInterface({ input: createReadStream(eventsFile) })) {
      return Date.parse((JSON.parse(line) as { time: string }).time);
    }
  } catch {
    // The engine has not written it yet.
  }
  return Number.NaN;
}
