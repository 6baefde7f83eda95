import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { describeSystemError, UserError } from "@falco-efk/kit";
import type { Batch } from "../../batch.ts";
import { Backoff } from "../backoff.ts";
import type { Sink, SinkContext } from "../sink.ts";
import { stampRecord } from "../stamp.ts";

/** Appends records to a file, one line each, synced before they count as delivered. At least once: a file knows no ids. */
export function createFileSink(
  options: { readonly path: string; readonly filename: string },
  context: SinkContext,
): Sink {
  const file = join(options.path, options.filename);
  return {
    name: "file",
    async deliver(batches, signal) {
      const backoff = new Backoff({ initialMs: 500, maximumMs: 10_000, random: context.random });
      for (;;) {
        try {
          await mkdir(options.path, { recursive: true });
          await append(file, lines(batches));
          break;
        } catch (error) {
          context.events.trouble(`${file}: ${describeSystemError(error)}`);
          await backoff.wait(signal);
        }
      }
      context.events.trouble(null);
      context.events.delivered(countRecords(batches), 0, 0);
    },
    async check() {
      await append(file, Buffer.alloc(0)).catch((error: unknown) => {
        throw new UserError(describeSystemError(error), { code: "OUTPUT", file, cause: error });
      });
      return `${file}: can be written`;
    },
    close: async () => undefined,
  };
}

/** Writes records to standard output. */
export function createStdoutSink(context: SinkContext): Sink {
  return {
    name: "stdout",
    async deliver(batches) {
      await new Promise<void>((resolve, reject) => {
        process.stdout.write(lines(batches), (error) => (error == null ? resolve() : reject(error)));
      });
      context.events.delivered(countRecords(batches), 0, 0);
    },
    check: async () => "standard output",
    close: async () => undefined,
  };
}

/** Appends whole lines or, when the disk is full, nothing. */
async function append(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, "a", 0o640);
  try {
    const { size } = await handle.stat();
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (error) {
      await handle.truncate(size).catch(() => undefined);
      throw error;
    }
  } finally {
    await handle.close();
  }
}

function lines(batches: readonly Batch[]): Buffer {
  const newline = Buffer.from("\n");
  return Buffer.concat(
    batches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, index) => [stampRecord(batch, index), newline]).flat(),
    ),
  );
}

function countRecords(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + batch.count, 0);
}
