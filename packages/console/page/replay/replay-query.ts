import type { SearchRequest } from "@falco-efk/elastic";
import type { Field } from "../data/fields.ts";

/** How many of the documents in a time range say that they were replayed. */
export interface ReplayCount {
  readonly replayed: number;
  readonly total: number;
}

/** The mark that the suite puts into every document of a replay: this field at the top level, with exactly this value. */
const MARK = { field: "mode", value: "REPLAY" } as const;

/** A search that counts the marked documents; null when no document can have the mark. */
export function replayQuery(
  fields: readonly Field[],
  time: { readonly field: string | undefined; readonly from: number; readonly to: number } | null,
): SearchRequest | null {
  const field = fields.find(({ name }) => name === MARK.field)?.groupBy ?? null;
  if (field === null) return null;
  return {
    size: 0,
    track_total_hits: true,
    query:
      time?.field === undefined
        ? { match_all: {} }
        : {
            range: {
              [time.field]: { gte: new Date(time.from).toISOString(), lte: new Date(time.to).toISOString() },
            },
          },
    aggs: { replayed: { filter: { term: { [field]: MARK.value } } } },
  };
}

/** What the mark says, or null when everything is live. */
export function replayWords(mode: "live" | "replay", count: ReplayCount | null): string | null {
  if (mode === "replay") return "These events come from a recording, not from this machine now.";
  if (count === null || count.replayed === 0) return null;
  return count.replayed >= count.total
    ? "All events in this time range come from a recording, not from this machine now."
    : "Some events in this time range come from a recording: those whose mode is REPLAY.";
}
