import { write } from "node:fs";
import { promisify } from "node:util";
import { systemErrorCode } from "@falco-efk/kit";
import type { ByteDeliverer, Delivery, WrittenLines } from "./output.ts";

const writeTo = promisify(write);

/**
 * Lines to an open descriptor, standard output as a rule. It's written from a worker thread: a reader that stands still
 * (a pipe into a pager) holds up this output alone.
 */
export function createStdoutDeliverer(descriptor = 1): ByteDeliverer {
  let gone = false;
  let pending: { readonly batch: WrittenLines; offset: number } | null = null;

  return {
    bytes: true,
    async deliver(batch: WrittenLines): Promise<Delivery> {
      if (gone) return { delivered: 0, dropped: batch.lines };
      // What a failed write left over is finished first, so that no line is ever cut or doubled.
      const begun = pending ?? { batch, offset: 0 };
      const { data } = begun.batch;
      pending = begun;
      try {
        while (begun.offset < data.length) {
          const { bytesWritten } = await writeTo(descriptor, data, begun.offset);
          begun.offset += bytesWritten;
        }
      } catch (error) {
        const code = systemErrorCode(error);
        if (code === "EAGAIN") return { delivered: 0, dropped: 0 };
        if (code !== "EPIPE" && code !== "EBADF") throw error;
        gone = true;
        return { delivered: 0, dropped: batch.lines, trouble: "standard output is closed, its alerts are dropped" };
      }
      pending = null;
      return { delivered: begun.batch.lines, dropped: 0 };
    },
    close: () => Promise.resolve(),
  };
}
