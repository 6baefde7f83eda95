import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { type PanelSource, readPanelSource } from "../dashboards/panel-source.ts";
import { PanelView } from "../dashboards/panel-view.tsx";
import type { SavedQuery } from "../data/build-query.ts";
import {
  addFilter,
  type Filter,
  fromKibanaFilter,
  isFilter,
  type KibanaFilter,
  toKibanaFilter,
} from "../data/filter.ts";
import type { SavedObject } from "../data/saved-object.ts";
import { INDEX_REFERENCE } from "../discover/saved-searches.tsx";
import { errorText } from "../state/http.ts";
import { getObject, saveObject, titleOf } from "../state/objects.ts";
import { go, place } from "../state/router.ts";
import { chooseDataView, loadFields } from "../state/session.ts";
import { readViewQuery, type ViewQuery, withViewQuery } from "../state/view-query.ts";
import { Icon } from "../ui/icons.tsx";
import { QueryBar } from "../ui/query-bar.tsx";
import { SaveDialog } from "../ui/save-dialog.tsx";
import { say } from "../ui/toast.tsx";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { writeVisualization } from "../vis/legacy.ts";
import { type ChartKind, type ChartSpec, COUNT, timeBuckets } from "../vis/spec.ts";
import { ChartEditor } from "./chart-editor.tsx";

const EMPTY: SavedQuery = { query: "", language: "kuery" };

interface Opened {
  readonly object: SavedObject | null;
  readonly source: PanelSource;
}

/** Makes a chart or changes one. */
export function VisualizePage({ type, id }: { readonly type: string; readonly id: string | null }): VNode {
  const { query } = place.value;
  const { value, fault } = useLoaded(`${type}/${id}`, async (): Promise<Opened> => {
    if (type !== "new" && id !== null) {
      const object = await getObject(type, id);
      return { object, source: readPanelSource(object) };
    }
    const view = chooseDataView(query.get("view"));
    const spec = startingSpec((query.get("kind") ?? "pie") as ChartKind, view?.timeFieldName ?? null);
    return {
      object: null,
      source: { spec, columns: [], sort: null, dataViewId: view?.id ?? null, query: EMPTY, filters: [] },
    };
  });
  if (fault !== null) return <p class="fault banner">{errorText(fault)}</p>;
  if (value === null || value.source.spec === null) return <p class="empty">…</p>;
  return <Editor key={value.object?.id ?? "new"} opened={value} spec={value.source.spec} />;
}

function startingSpec(kind: ChartKind, timeField: string | null): ChartSpec {
  const overTime = (kind === "bar" || kind === "line" || kind === "area") && timeField !== null;
  return {
    kind,
    metrics: [COUNT],
    buckets: overTime ? [timeBuckets(timeField)] : [],
    donut: kind === "pie",
    showLabels: false,
    showLegend: true,
    stacked: true,
    colors: {},
  };
}

function Editor({ opened, spec }: { readonly opened: Opened; readonly spec: ChartSpec }): VNode {
  const { object, source } = opened;
  const { query, path } = place.value;
  const [draft, setDraft] = useState(spec);
  const [applied, setApplied] = useState(spec);
  const [saving, setSaving] = useState(false);
  const pills = source.filters.map(fromKibanaFilter).filter((filter): filter is Filter => filter !== null);
  const view = readViewQuery(query, {
    text: source.query.language === "kuery" ? source.query.query : "",
    filters: pills,
  });
  const [turn, refresh] = useTicking(view.refresh);
  const dataView = chooseDataView(source.dataViewId);
  const { value: fields } = useLoaded(dataView?.title ?? "", async () =>
    dataView === null ? [] : loadFields(dataView.title),
  );
  const change = (part: Partial<ViewQuery>): void => go(`${path}?${withViewQuery(query, part)}`, { replace: true });
  // The query and the pills are in the URL here; what has no pill still applies.
  const others: readonly KibanaFilter[] = source.filters.filter((filter) => fromKibanaFilter(filter) === null);
  const shown: PanelSource = {
    ...source,
    spec: applied,
    query: source.query.language === "kuery" ? EMPTY : source.query,
    filters: others,
  };
  const save = async (title: string): Promise<void> => {
    try {
      const stored = await saveObject(toSavedObject(title, draft, view, source, object));
      setApplied(draft);
      say(`Saved as ${title}`);
      if (object?.type !== "visualization")
        go(`/app/visualize/visualization/${encodeURIComponent(stored.id)}`, { replace: true });
    } catch (error) {
      say(errorText(error), "error");
    }
  };
  return (
    <div class="visualize">
      <header class="page-head">
        <nav aria-label="Breadcrumb">
          <a href="/app/visualize">Visualize</a> <span aria-hidden="true">/</span>
        </nav>
        <h1>{object === null ? "New visualisation" : titleOf(object)}</h1>
        <div class="menu">
          <button type="button" class="button primary" onClick={() => setSaving(true)}>
            <Icon name="save" /> Save
          </button>
        </div>
      </header>
      <QueryBar
        view={view}
        fields={fields ?? []}
        index={dataView?.title ?? "logstash*"}
        timeField={dataView?.timeFieldName ?? null}
        busy={false}
        onChange={change}
        onRefresh={refresh}
      />
      <div class="visualize-body">
        <section class="panel preview" aria-label="Preview">
          <PanelView
            source={shown}
            view={view}
            turn={turn}
            onFilter={(field, value) => change({ filters: addFilter(view.filters, isFilter(field, value)) })}
            onTime={(from, to) =>
              change({ time: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } })
            }
          />
        </section>
        <ChartEditor
          spec={draft}
          fields={fields ?? []}
          timeField={dataView?.timeFieldName ?? null}
          changed={JSON.stringify(draft) !== JSON.stringify(applied)}
          onChange={setDraft}
          onApply={() => setApplied(draft)}
          onDiscard={() => setDraft(applied)}
        />
      </div>
      {saving && (
        <SaveDialog
          heading="Save this visualisation"
          title={object === null ? "" : titleOf(object)}
          onClose={() => setSaving(false)}
          onSave={save}
        />
      )}
    </div>
  );
}

function toSavedObject(
  title: string,
  spec: ChartSpec,
  view: ViewQuery,
  source: PanelSource,
  object: SavedObject | null,
): Parameters<typeof saveObject>[0] {
  const filters = [
    ...view.filters.map((filter) => toKibanaFilter(filter, INDEX_REFERENCE)),
    ...source.filters.filter((filter) => fromKibanaFilter(filter) === null),
  ];
  const query = source.query.language === "kuery" ? { query: view.text, language: "kuery" } : source.query;
  return {
    type: "visualization",
    // A Lens chart is saved as a new visualisation, beside the original.
    id: object?.type === "visualization" ? object.id : null,
    attributes: {
      title,
      description: String(object?.attributes.description ?? ""),
      version: 1,
      ...writeVisualization(title, spec),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query, filter: filters, indexRefName: INDEX_REFERENCE }),
      },
    },
    references: [{ name: INDEX_REFERENCE, type: "index-pattern", id: source.dataViewId ?? "" }],
  };
}
