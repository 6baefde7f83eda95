import { write } from "node:fs";
import { promisify } from "node:util";
import { systemErrorCode } from "@falco-efk/kit";
import { type AlertLine, type Deliverer, type Delivery, joinLines } from "./output.ts";

const writeTo = promisify(write);

/**
 * Lines to an open descriptor, standard output as a rule. It's written from a worker thread: a reader that stands still
 * (a pipe into a pager) holds up this output alone.
 */
export function createStdoutDeliverer(descriptor = 1): Deliverer {
  let gone = false;
  let pending: { readonly data: Buffer; readonly lines: number; offset: number } | null = null;

  return {
    batchLines: 4096,
    async deliver(lines: readonly AlertLine[]): Promise<Delivery> {
      if (gone) return { delivered: 0, dropped: lines.length };
      // What a failed write left over is finished first, so that no line is ever cut or doubled.
      const chunk = pending ?? { data: joinLines(lines), lines: lines.length, offset: 0 };
      pending = chunk;
      try {
        while (chunk.offset < chunk.data.length) {
          const { bytesWritten } = await writeTo(descriptor, chunk.data, chunk.offset);
          chunk.offset += bytesWritten;
        }
      } catch (error) {
        const code = systemErrorCode(error);
        if (code === "EAGAIN") return { delivered: 0, dropped: 0 };
        if (code !== "EPIPE" && code !== "EBADF") throw error;
        gone = true;
        return { delivered: 0, dropped: lines.length, trouble: "standard output is closed, its alerts are dropped" };
      }
      pending = null;
      return { delivered: chunk.lines, dropped: 0 };
    },
    close: () => Promise.resolve(),
  };
}
