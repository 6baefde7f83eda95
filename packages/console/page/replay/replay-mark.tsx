import type { VNode } from "preact";
import { search } from "../state/elastic.ts";
import { place } from "../state/router.ts";
import { chooseDataView, info, loadFields } from "../state/session.ts";
import { readViewQuery } from "../state/view-query.ts";
import { resolveRange, type TimeRange } from "../time/date-math.ts";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { type ReplayCount, replayQuery, replayWords } from "./replay-query.ts";

const LOOK_AGAIN_SECONDS = 15;

/** Says above every page that what is shown is no live event: because the console was told so, or because documents say it. */
export function ReplayMark(): VNode | null {
  const [turn] = useTicking(LOOK_AGAIN_SECONDS);
  const { query } = place.value;
  const { time } = readViewQuery(query);
  const id = query.get("view");
  const { value } = useLoaded(JSON.stringify([turn, id, time]), (signal) => countReplays(id, time, signal));
  const words = replayWords(info.value?.mode ?? "live", value);
  return words === null ? null : (
    <p class="replay" role="status">
      <b>REPLAY</b> {words}
    </p>
  );
}

async function countReplays(id: string | null, time: TimeRange, signal: AbortSignal): Promise<ReplayCount | null> {
  const view = chooseDataView(id);
  if (view === null || info.value?.mode === "replay") return null;
  const range = view.timeFieldName === undefined ? null : resolveRange(time, Date.now());
  const body = replayQuery(
    await loadFields(view.title),
    range === null ? null : { field: view.timeFieldName, ...range },
  );
  if (body === null) return null;
  const answer = await search(view.title, body, signal);
  const replayed = answer.aggregations?.replayed as { readonly doc_count?: number } | undefined;
  return { replayed: replayed?.doc_count ?? 0, total: answer.hits.total?.value ?? 0 };
}
