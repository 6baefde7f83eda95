import type { AggregationResult, Bucket, Query } from "@falco-efk/elastic";
import { buildQuery } from "../data/build-query.ts";
import type { Field } from "../data/fields.ts";
import type { Filter } from "../data/filter.ts";
import { type Hit, readHit } from "../data/hit.ts";
import { search } from "../state/elastic.ts";
import type { EventView } from "../state/objects.ts";
import { kqlContext, timeZone } from "../state/session.ts";
import type { ResolvedRange } from "../time/date-math.ts";
import { chooseInterval, type Interval } from "../time/interval.ts";
import type { Series } from "../vis/series.ts";

export interface EventQuestion {
  readonly view: EventView;
  readonly fields: readonly Field[];
  readonly text: string;
  readonly filters: readonly Filter[];
  readonly range: ResolvedRange;
  readonly size: number;
  readonly sort: { readonly field: string; readonly descending: boolean };
}

export interface EventAnswer {
  readonly hits: readonly Hit[];
  readonly total: number;
  readonly tookMs: number;
  readonly range: ResolvedRange;
  readonly histogram: {
    readonly interval: Interval;
    readonly keys: readonly number[];
    readonly series: readonly Series[];
  } | null;
}

type RawHit = Parameters<typeof readHit>[0];

/** Events, their exact number, and their histogram by priority, in one search. */
export async function loadEvents(question: EventQuestion, signal: AbortSignal): Promise<EventAnswer> {
  const { view, range, sort, size } = question;
  const timeField = view.timeFieldName;
  const interval = chooseInterval(range);
  const priority = question.fields.find(({ name }) => name === "priority")?.groupBy ?? null;
  const sortField = question.fields.find(({ name }) => name === sort.field)?.groupBy ?? sort.field;
  const answer = await search(
    view.title,
    {
      size,
      track_total_hits: true,
      query: eventQuery(question),
      sort: [{ [sortField]: { order: sort.descending ? "desc" : "asc", unmapped_type: "date" } }],
      ...(timeField === undefined
        ? {}
        : {
            aggs: {
              time: {
                date_histogram: {
                  field: timeField,
                  fixed_interval: interval.name,
                  time_zone: timeZone,
                  min_doc_count: 1,
                },
                ...(priority === null ? {} : { aggs: { priority: { terms: { field: priority, size: 10 } } } }),
              },
            },
          }),
    },
    signal,
  );
  return {
    hits: answer.hits.hits.map((hit) => readHit(hit as RawHit)),
    total: answer.hits.total?.value ?? 0,
    tookMs: answer.took,
    range,
    histogram: timeField === undefined ? null : { interval, ...readHistogram(answer.aggregations?.time, priority) },
  };
}

/** The query of what Discover shows. Throws KqlError. */
export function eventQuery({ view, fields, text, filters, range }: Omit<EventQuestion, "size" | "sort">): Query {
  const time = view.timeFieldName === undefined ? null : { field: view.timeFieldName, range };
  return buildQuery({ text, filters, time }, kqlContext(fields));
}

function readHistogram(
  answer: AggregationResult | undefined,
  priority: string | null,
): { keys: number[]; series: Series[] } {
  const buckets = Array.isArray(answer?.buckets) ? (answer.buckets as readonly Bucket[]) : [];
  const keys = buckets.map(({ key }) => Number(key));
  if (priority === null) {
    return { keys, series: [{ name: "Events", values: buckets.map(({ doc_count }) => doc_count), filter: null }] };
  }
  const byName = new Map<string, number[]>();
  const rest = buckets.map(({ doc_count }) => doc_count);
  for (const [place, bucket] of buckets.entries()) {
    const inner = (bucket.priority as AggregationResult | undefined)?.buckets;
    for (const { key, doc_count } of Array.isArray(inner) ? (inner as readonly Bucket[]) : []) {
      const values = byName.get(String(key)) ?? buckets.map(() => 0);
      values[place] = doc_count;
      rest[place] = (rest[place] ?? 0) - doc_count;
      byName.set(String(key), values);
    }
  }
  const series = [...byName].map(
    ([name, values]): Series => ({ name, values, filter: { field: priority, value: name } }),
  );
  if (rest.some((count) => count > 0)) series.push({ name: "No priority", values: rest, filter: null });
  return { keys, series };
}
