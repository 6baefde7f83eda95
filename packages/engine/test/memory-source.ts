import type { EventRecord, SourceCounters } from "@falco-efk/event";
import type { SourceWithState } from "../src/open-source.ts";

/** A source that a test feeds by hand, one batch a call of `send`. */
export interface MemorySource extends SourceWithState {
  send(...records: EventRecord[]): Promise<void>;
  /** The source is at its end. */
  end(): void;
  dropped: Record<string, number>;
}

export function createMemorySource(mode: SourceWithState["mode"] = "replay"): MemorySource {
  let handle: ((record: EventRecord) => void) | null = null;
  let after: (() => void | Promise<void>) | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const dropped: Record<string, number> = {};
  let produced = 0;
  return {
    mode,
    processes: [],
    dropped,
    async send(...records) {
      for (const record of records) {
        produced += 1;
        handle?.(record);
      }
      await after?.();
    },
    end: resolve,
    source: {
      kind: "memory",
      run(handler, options) {
        handle = handler;
        after = options.afterBatch;
        options.signal.addEventListener("abort", () => resolve(), { once: true });
        return promise;
      },
      counters(): SourceCounters {
        const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
        return { produced: produced + lost, delivered: produced, dropped: { ...dropped }, byType: {} };
      },
      close: async () => undefined,
    },
  };
}
