import { setTimeout as delay } from "node:timers/promises";
import type { RunningInput } from "./http-input.ts";
import { type Spool, SpoolFullError } from "./spool.ts";

/** Reads lines from a stream, such as standard input, into the spool. While the spool is full the stream waits. */
export function startStreamInput(stream: NodeJS.ReadableStream, name: string, spool: Spool): RunningInput {
  let stopped = false;
  const reading = (async () => {
    let rest = Buffer.alloc(0);
    for await (const chunk of stream) {
      const bytes = Buffer.concat([rest, Buffer.from(chunk as Buffer)]);
      const end = bytes.lastIndexOf(0x0a) + 1;
      rest = bytes.subarray(end);
      if (end > 0) await appendWhenRoom(spool, bytes.subarray(0, end), () => stopped);
      if (stopped) return;
    }
    if (rest.length > 0) await appendWhenRoom(spool, Buffer.concat([rest, Buffer.from("\n")]), () => stopped);
  })();
  reading.catch(() => undefined);
  return {
    address: name,
    async close() {
      stopped = true;
      if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
      await reading.catch(() => undefined);
    },
  };
}

async function appendWhenRoom(spool: Spool, bytes: Buffer, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    try {
      await spool.append(bytes);
      return;
    } catch (error) {
      if (!(error instanceof SpoolFullError)) throw error;
      await delay(200);
    }
  }
}
