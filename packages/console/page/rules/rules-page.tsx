import type { AggregationResult, Bucket } from "@falco-efk/elastic";
import type { VNode } from "preact";
import { isFilter } from "../data/filter.ts";
import { formatNumber } from "../data/format-number.ts";
import { search } from "../state/elastic.ts";
import { errorText } from "../state/http.ts";
import { go, place } from "../state/router.ts";
import { chooseDataView, loadFields } from "../state/session.ts";
import { readViewQuery, withViewQuery, writeFilter } from "../state/view-query.ts";
import { resolveRange } from "../time/date-math.ts";
import { formatShort } from "../time/format-time.ts";
import { TimePicker } from "../ui/time-picker.tsx";
import { useLoaded } from "../ui/use-ticking.ts";
import { Value } from "../ui/value.tsx";

interface RuleRow {
  readonly name: string;
  readonly count: number;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly last: number | null;
}

const RULES = 500;

/** The rules that fired: how often, how severe, what they are tagged with, and when last. */
export function RulesPage(): VNode {
  const { query } = place.value;
  const { time } = readViewQuery(query);
  const { value, fault } = useLoaded(JSON.stringify(time), (signal) => loadRules(time, signal));
  const link = (name: string): string =>
    `/app/discover?${new URLSearchParams([
      ["f", writeFilter(isFilter("rule", name))],
      ["from", time.from],
      ["to", time.to],
    ])}`;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Rules that fired</h1>
        <div class="menu">
          <TimePicker time={time} onChange={(next) => go(`/app/rules?${withViewQuery(query, { time: next })}`)} />
        </div>
      </header>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
      <section class="box" tabIndex={0} aria-label="Rules that fired">
        <table class="data-table">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Priority</th>
              <th scope="col" class="number">
                Events
              </th>
              <th scope="col">Last</th>
              <th scope="col">Tags</th>
            </tr>
          </thead>
          <tbody>
            {(value ?? []).map(({ name, count, priority, tags, last }) => (
              <tr key={name}>
                <td>
                  <a href={link(name)}>
                    <Value value={name} limit={200} />
                  </a>
                </td>
                <td>
                  <Value value={priority} />
                </td>
                <td class="number">{formatNumber(count)}</td>
                <td>{last === null ? "" : formatShort(last)}</td>
                <td>
                  {tags.map((tag) => (
                    <span class="tag" key={tag}>
                      <Value value={tag} limit={60} />
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {value?.length === 0 && <p class="empty">No rule fired in this time range.</p>}
      </section>
    </div>
  );
}

async function loadRules(time: { from: string; to: string }, signal: AbortSignal): Promise<RuleRow[]> {
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
          terms: { field: groupBy("rule"), size: RULES },
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
