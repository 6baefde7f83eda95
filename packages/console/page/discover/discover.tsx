import { KqlError, type Query } from "@falco-efk/elastic";
import type { VNode } from "preact";
import { colorsFor, priorityRank } from "../charts/palette.ts";
import { fillBuckets, TimeSeries } from "../charts/time-series.tsx";
import { addFilter, isFilter } from "../data/filter.ts";
import { formatNumber } from "../data/format-number.ts";
import { errorText } from "../state/http.ts";
import type { EventView } from "../state/objects.ts";
import { go, place, setQuery } from "../state/router.ts";
import { chooseDataView, dataViews, loadFields } from "../state/session.ts";
import { readViewQuery, type ViewQuery, withViewQuery } from "../state/view-query.ts";
import { resolveRange } from "../time/date-math.ts";
import { QueryBar } from "../ui/query-bar.tsx";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { useWidth } from "../ui/use-width.ts";
import { DiscoverMenu } from "./discover-menu.tsx";
import { EventTable } from "./event-table.tsx";
import { FieldList } from "./field-list.tsx";
import { type EventAnswer, eventQuery, loadEvents } from "./load-events.ts";

const FALCO_COLUMNS: readonly string[] = ["priority", "rule", "hostname", "output"];
const PAGE = 100;

/** Discover: the events themselves. */
export function Discover(): VNode {
  const { query } = place.value;
  const view = chooseDataView(query.get("view"));
  if (view === null) {
    return (
      <section class="blank">
        <h1>No data view yet</h1>
        <p>A data view says which indices to look at, such as logstash*.</p>
        <a class="button primary" href="/app/management/new-data-view">
          Create a data view
        </a>
      </section>
    );
  }
  return <Events key={view.id} view={view} />;
}

function Events({ view }: { readonly view: EventView }): VNode {
  const { query } = place.value;
  const state = readViewQuery(query);
  const size = Math.min(5_000, Math.max(PAGE, Number(query.get("size")) || PAGE));
  const [count, refresh] = useTicking(state.refresh);
  const { value: fields, fault: fieldFault } = useLoaded(view.title, () => loadFields(view.title));
  const columns = query.has("cols")
    ? (query.get("cols") ?? "").split(",").filter((name) => name !== "")
    : defaultColumns(fields?.map(({ name }) => name) ?? []);
  const sort = readSort(query.get("sort"), view.timeFieldName ?? "_doc");
  const question = { view, fields: fields ?? [], text: state.text, filters: state.filters };
  const asked = JSON.stringify([fields === null, state.text, state.filters, state.time, size, sort, count]);
  const events = useLoaded(asked, async (signal): Promise<EventAnswer | null> => {
    if (fields === null) return null;
    const range = resolveRange(state.time, Date.now());
    if (range === null) throw new Error("this time range can't be read: choose another");
    return loadEvents({ ...question, range, size, sort }, signal);
  });
  const answer = events.value;

  const change = (part: Partial<ViewQuery>): void => go(`/app/discover?${withViewQuery(query, part)}`);
  const onFilter = (field: string, value: string, negate: boolean): void =>
    change({ filters: addFilter(state.filters, isFilter(field, value, negate)) });
  const onColumns = (next: readonly string[]): void => setQuery({ cols: next.length === 0 ? "," : next.join(",") });
  const searched: Query | null = answer === null ? null : eventQuery({ ...question, range: answer.range });
  const fault = fieldFault ?? events.fault;
  return (
    <div class="discover">
      <h1 class="hidden">Discover</h1>
      <QueryBar
        view={state}
        fields={fields ?? []}
        index={view.title}
        timeField={view.timeFieldName ?? null}
        busy={events.busy}
        onChange={change}
        onRefresh={refresh}
      >
        <label class="data-view">
          <span class="hidden">Data view</span>
          <select
            value={view.id}
            onChange={(event) => setQuery({ view: event.currentTarget.value, cols: null, sort: null })}
          >
            {(dataViews.value ?? []).map(({ id, title, name }) => (
              <option key={id} value={id} title={title}>
                {name || title}
              </option>
            ))}
          </select>
        </label>
      </QueryBar>
      <div class="discover-body">
        <FieldList
          fields={fields ?? []}
          hits={answer?.hits ?? []}
          columns={columns}
          index={view.title}
          query={searched}
          onColumns={onColumns}
          onFilter={onFilter}
        />
        <div class="discover-main">
          <div class="discover-head">
            <p aria-live="polite">
              <b class="count">{answer !== null ? formatNumber(answer.total) : fault === null ? "…" : "–"}</b>{" "}
              {answer?.total === 1 ? "event" : "events"}
              {answer !== null && <small> in {answer.tookMs} ms</small>}
            </p>
            <DiscoverMenu
              state={{ dataViewId: view.id, text: state.text, filters: state.filters, columns, sort }}
              answer={answer}
              question={question}
              searchId={query.get("search")}
            />
          </div>
          {fault !== null && <Fault fault={fault} onRetry={refresh} />}
          {answer !== null && answer.histogram !== null && answer.total > 0 && (
            <Histogram
              answer={answer}
              onTime={(from, to) =>
                change({ time: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } })
              }
            />
          )}
          {answer !== null && answer.total === 0 && <NothingMatches state={state} onChange={change} />}
          {answer !== null && answer.total > 0 && (
            <EventTable
              hits={answer.hits}
              columns={columns}
              timeField={view.timeFieldName ?? null}
              sort={sort}
              onSort={(field) => setQuery({ sort: sort.field === field && sort.descending ? field : `-${field}` })}
              onFilter={onFilter}
              onColumns={onColumns}
            />
          )}
          {answer !== null && answer.total > answer.hits.length && answer.hits.length > 0 && (
            <p class="more">
              {formatNumber(answer.hits.length)} of {formatNumber(answer.total)} shown.{" "}
              {size < 5_000 && (
                <button
                  type="button"
                  class="button"
                  onClick={() => setQuery({ size: String(Math.min(5_000, size * 2)) }, { replace: true })}
                >
                  Show more
                </button>
              )}
            </p>
          )}
        </div>
      </div>
    </div>
  );
}

/** Why there is no answer. A query that can't be read has its place pointed at under its line. */
function Fault({ fault, onRetry }: { readonly fault: unknown; readonly onRetry: () => void }): VNode {
  if (fault instanceof KqlError) {
    return (
      <div class="blank small">
        <h2>The query can't be read</h2>
        <p>{errorText(fault)}. The line above says where.</p>
      </div>
    );
  }
  return (
    <div class="fault banner" role="alert">
      {errorText(fault)}{" "}
      <button type="button" class="button small" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

interface NothingMatchesProps {
  readonly state: ViewQuery;
  readonly onChange: (change: Partial<ViewQuery>) => void;
}

/** An empty answer, with the ways out of it. */
function NothingMatches({ state, onChange }: NothingMatchesProps): VNode {
  const narrowed = state.text.trim() !== "" || state.filters.length > 0;
  const week = state.time.from === "now-7d" && state.time.to === "now";
  return (
    <div class="blank small">
      <h2>Nothing matches</h2>
      <p>
        {narrowed
          ? "No event in this time range matches the query and the filters."
          : "There is no event in this time range."}
      </p>
      <div class="menu">
        {!week && (
          <button type="button" class="button" onClick={() => onChange({ time: { from: "now-7d", to: "now" } })}>
            Look at the last 7 days
          </button>
        )}
        {narrowed && (
          <button type="button" class="button" onClick={() => onChange({ text: "", filters: [] })}>
            Clear query and filters
          </button>
        )}
      </div>
    </div>
  );
}

function Histogram({
  answer,
  onTime,
}: {
  readonly answer: EventAnswer;
  readonly onTime: (from: number, to: number) => void;
}): VNode {
  const [box, width] = useWidth<HTMLDivElement>();
  const histogram = answer.histogram;
  if (histogram === null) return <div ref={box} />;
  const ordered = [...histogram.series].sort((a, b) => priorityRank(a.name) - priorityRank(b.name));
  const { starts, series } = fillBuckets(answer.range, histogram.interval, histogram.keys, ordered);
  return (
    <div class="histogram" ref={box}>
      {width > 0 && (
        <TimeSeries
          kind="bar"
          stacked
          {...{ series, starts, width, onTime }}
          interval={histogram.interval}
          range={answer.range}
          colors={colorsFor(series.map(({ name }) => name))}
          height={136}
          label="Events"
        />
      )}
    </div>
  );
}

function defaultColumns(names: readonly string[]): readonly string[] {
  return FALCO_COLUMNS.every((name) => names.includes(name)) ? FALCO_COLUMNS : [];
}

function readSort(text: string | null, timeField: string): { field: string; descending: boolean } {
  if (text === null || text === "") return { field: timeField, descending: true };
  return text.startsWith("-") ? { field: text.slice(1), descending: true } : { field: text, descending: false };
}
