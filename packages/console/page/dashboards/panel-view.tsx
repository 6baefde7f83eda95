import type { VNode } from "preact";
import { Chart } from "../charts/chart.tsx";
import { buildQuery } from "../data/build-query.ts";
import { fieldMap, groupableField } from "../data/fields.ts";
import { type Hit, readHit } from "../data/hit.ts";
import { EventTable } from "../discover/event-table.tsx";
import { search } from "../state/elastic.ts";
import { errorText } from "../state/http.ts";
import { chooseDataView, kqlContext, loadFields, timeZone } from "../state/session.ts";
import type { ViewQuery } from "../state/view-query.ts";
import { type ResolvedRange, resolveRange } from "../time/date-math.ts";
import { useLoaded } from "../ui/use-ticking.ts";
import { useWidth } from "../ui/use-width.ts";
import { chartAggregations } from "../vis/request.ts";
import { type BucketNode, readTree } from "../vis/tree.ts";
import type { PanelSource } from "./panel-source.ts";

interface PanelViewProps {
  readonly source: PanelSource;
  readonly view: ViewQuery;
  /** Grows with each refresh. */
  readonly turn: number;
  readonly onFilter: ((field: string, value: string, negate?: boolean) => void) | null;
  readonly onTime: ((from: number, to: number) => void) | null;
}

interface PanelData {
  readonly range: ResolvedRange;
  readonly root: BucketNode | null;
  readonly hits: readonly Hit[];
  readonly timeField: string | null;
}

const PANEL_ROWS = 50;
type RawHit = Parameters<typeof readHit>[0];

/** The inside of a panel: asks for its data and draws it. Old data stays while new is on its way. */
export function PanelView({ source, view, turn, onFilter, onTime }: PanelViewProps): VNode {
  const [box, width, height] = useWidth<HTMLDivElement>();
  const key = JSON.stringify([source, view.text, view.filters, view.time, turn]);
  const { value, fault } = useLoaded(key, (signal) => loadPanel(source, view, signal));
  return (
    <div class={`panel-body ${source.spec === null ? "rows" : ""}`} ref={box}>
      {fault !== null && (
        <p class="fault" role="alert">
          {errorText(fault)}
        </p>
      )}
      {value !== null && width > 0 && draw(source, value, width, height, onFilter, onTime)}
    </div>
  );
}

function draw(
  source: PanelSource,
  data: PanelData,
  width: number,
  height: number,
  onFilter: PanelViewProps["onFilter"],
  onTime: PanelViewProps["onTime"],
): VNode {
  if (source.spec === null || data.root === null) {
    const sort = source.sort ?? { field: data.timeField ?? "", descending: true };
    return (
      <EventTable
        hits={data.hits}
        columns={source.columns}
        timeField={data.timeField}
        sort={sort}
        onSort={null}
        onColumns={null}
        onFilter={onFilter}
      />
    );
  }
  return (
    <Chart
      spec={source.spec}
      root={data.root}
      range={data.range}
      width={width}
      height={Math.max(60, height)}
      onFilter={onFilter}
      onTime={onTime}
    />
  );
}

async function loadPanel(source: PanelSource, view: ViewQuery, signal: AbortSignal): Promise<PanelData> {
  const dataView = chooseDataView(source.dataViewId);
  if (dataView === null) throw new Error(`the data view ${source.dataViewId ?? ""} does not exist`);
  const range = resolveRange(view.time, Date.now());
  if (range === null) throw new Error("this time range can't be read");
  const fields = await loadFields(dataView.title);
  const timeField = dataView.timeFieldName ?? null;
  const query = buildQuery(
    {
      text: view.text,
      filters: view.filters,
      saved: source,
      time: timeField === null ? null : { field: timeField, range },
    },
    kqlContext(fields),
  );
  if (source.spec === null) {
    const sort = source.sort ?? { field: timeField ?? "_doc", descending: true };
    const answer = await search(
      dataView.title,
      {
        size: PANEL_ROWS,
        query,
        sort: [{ [sort.field]: { order: sort.descending ? "desc" : "asc", unmapped_type: "date" } }],
      },
      signal,
    );
    return { range, root: null, hits: answer.hits.hits.map((hit) => readHit(hit as RawHit)), timeField };
  }
  const byName = fieldMap(fields);
  const buckets = source.spec.buckets.map((level) => ({ ...level, field: groupableField(level.field, byName) }));
  const spec = { ...source.spec, buckets };
  const aggs = chartAggregations(spec, { range, timeZone });
  const answer = await search(dataView.title, { size: 0, track_total_hits: true, query, aggs }, signal);
  const root = readTree(spec, answer.aggregations ?? {}, answer.hits.total?.value ?? 0);
  return { range, root, hits: [], timeField };
}
