import type { RejectedRecord, SinkContext } from "../../src/sinks/sink.ts";

/** A sink's surroundings that keep what they are told. */
export interface RecordingContext extends SinkContext {
  readonly rejected: RejectedRecord[];
  readonly troubles: string[];
  readonly delivered: () => number;
}

/** Surroundings for a sink under test. */
export function recordingContext(): RecordingContext {
  const rejected: RejectedRecord[] = [];
  const troubles: string[] = [];
  let delivered = 0;
  return {
    rejected,
    troubles,
    delivered: () => delivered,
    random: Math.random,
    reject: async (records) => void rejected.push(...records),
    events: {
      delivered: (records) => {
        delivered += records;
      },
      retried: () => undefined,
      trouble: (reason) => reason !== null && troubles.push(reason),
    },
  };
}
