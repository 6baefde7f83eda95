import type { AggregationResult, Bucket } from "@falco-efk/elastic";
import { search } from "../state/elastic.ts";
import { call } from "../state/http.ts";
import { chooseDataView, loadFields } from "../state/session.ts";
import { resolveRange, type TimeRange } from "../time/date-math.ts";
import type { FiredRule, LoadedRule, LoadedRules } from "./rule-rows.ts";

const FIRED = 1_000;

/** The engine's rules, by way of the console's server. */
export async function loadLoadedRules(signal: AbortSignal): Promise<LoadedRules> {
  const station = await call<
    { state: "ok"; figures: { rules: readonly LoadedRule[] } } | Exclude<LoadedRules, { state: "ok" }>
  >("GET", "/api/console/rules", undefined, signal);
  return station.state === "ok" ? { state: "ok", rules: station.figures.rules } : station;
}

/** What fired in a time range, by the events in Elasticsearch. */
export async function loadFiredRules(time: TimeRange, signal: AbortSignal): Promise<FiredRule[]> {
  const view = chooseDataView(null);
  const range = resolveRange(time, Date.now());
  if (view?.timeFieldName === undefined || range === null) return [];
  const fields = await loadFields(view.title);
  const groupBy = (name: string) => fields.find((field) => field.name === name)?.groupBy ?? `${name}.keyword`;
  const answer = await search(
    view.title,
    {
      size: 0,
      query: {
        range: {
          [view.timeFieldName]: { gte: new Date(range.from).toISOString(), lte: new Date(range.to).toISOString() },
        },
      },
      aggs: {
        rules: {
          terms: { field: groupBy("rule"), size: FIRED },
          aggs: {
            priority: { terms: { field: groupBy("priority"), size: 1 } },
            tags: { terms: { field: groupBy("tags"), size: 12 } },
            last: { max: { field: view.timeFieldName } },
          },
        },
      },
    },
    signal,
  );
  const list = (result: unknown): readonly Bucket[] =>
    ((result as AggregationResult | undefined)?.buckets ?? []) as readonly Bucket[];
  return list(answer.aggregations?.rules).map((bucket) => ({
    name: String(bucket.key),
    count: bucket.doc_count,
    priority: String(list(bucket.priority)[0]?.key ?? ""),
    tags: list(bucket.tags).map(({ key }) => String(key)),
    last: (bucket.last as AggregationResult | undefined)?.value ?? null,
  }));
}
