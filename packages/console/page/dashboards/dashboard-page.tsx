import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { addFilter, isFilter } from "../data/filter.ts";
import type { SavedObject } from "../data/saved-object.ts";
import { errorText } from "../state/http.ts";
import { findObjects, getObject, saveObject, titleOf } from "../state/objects.ts";
import { go, place } from "../state/router.ts";
import { chooseDataView, loadFields } from "../state/session.ts";
import { readViewQuery, type ViewQuery, withViewQuery } from "../state/view-query.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { QueryBar } from "../ui/query-bar.tsx";
import { SaveDialog } from "../ui/save-dialog.tsx";
import { say } from "../ui/toast.tsx";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { describeObject } from "../visualize/describe-object.ts";
import {
  addPanel,
  type DashboardModel,
  EMPTY_DASHBOARD,
  placePanel,
  readDashboard,
  writeDashboard,
} from "./dashboard-model.ts";
import { PanelFrame } from "./panel-frame.tsx";

/** One dashboard; `new` starts an empty one. */
export function DashboardPage({ id }: { readonly id: string }): VNode {
  const { value, fault } = useLoaded(id, async () => {
    const objects = new Map(
      (await findObjects(["visualization", "lens", "search"])).map((object) => [`${object.type}:${object.id}`, object]),
    );
    return { model: id === "new" ? EMPTY_DASHBOARD : readDashboard(await getObject("dashboard", id)), objects };
  });
  if (fault !== null) return <p class="fault banner">{errorText(fault)}</p>;
  if (value === null) return <p class="empty">…</p>;
  return <Dashboard key={id} id={id} saved={value.model} objects={value.objects} />;
}

interface DashboardProps {
  readonly id: string;
  readonly saved: DashboardModel;
  readonly objects: ReadonlyMap<string, SavedObject>;
}

function Dashboard({ id, saved, objects }: DashboardProps): VNode {
  const { query, path } = place.value;
  const [model, setModel] = useState(saved);
  // While a panel is dragged, others make way as seen from here: those that it only passes come back.
  const grabbed = useRef(model);
  const [editing, setEditing] = useState(id === "new");
  const [dialog, setDialog] = useState<"add" | "save" | null>(null);
  const view = readViewQuery(query, {
    ...(model.time === null ? {} : { time: model.time }),
    refresh: model.refresh,
    text: model.query,
  });
  const [turn, refresh] = useTicking(view.refresh);
  const dataView = chooseDataView(null);
  const { value: fields } = useLoaded(dataView?.title ?? "", async () =>
    dataView === null ? [] : loadFields(dataView.title),
  );
  const change = (part: Partial<ViewQuery>): void => go(`${path}?${withViewQuery(query, part)}`);
  const save = async (title: string): Promise<void> => {
    try {
      const stored = { ...model, title, time: view.time, refresh: view.refresh, query: view.text };
      const object = await saveObject({ type: "dashboard", id: id === "new" ? null : id, ...writeDashboard(stored) });
      setModel(stored);
      setEditing(false);
      say(`Saved as ${title}`);
      if (id === "new") go(`/app/dashboards/${encodeURIComponent(object.id)}`);
    } catch (error) {
      say(errorText(error), "error");
    }
  };
  return (
    <div class="dashboard">
      <header class="page-head">
        <nav aria-label="Breadcrumb">
          <a href="/app/dashboards">Dashboards</a> <span aria-hidden="true">/</span>
        </nav>
        <h1>{model.title || "New dashboard"}</h1>
        <div class="menu">
          {editing ? (
            <>
              <button type="button" class="button" onClick={() => setDialog("add")}>
                <Icon name="plus" /> Add
              </button>
              <button type="button" class="button primary" onClick={() => setDialog("save")}>
                <Icon name="save" /> Save
              </button>
              {id !== "new" && (
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    setModel(saved);
                    setEditing(false);
                  }}
                >
                  Discard
                </button>
              )}
            </>
          ) : (
            <button type="button" class="button" onClick={() => setEditing(true)}>
              <Icon name="edit" /> Edit
            </button>
          )}
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
      {model.panels.length === 0 && <p class="empty big">This dashboard is empty. Add a panel to it.</p>}
      <div class="grid-panels">
        {model.panels.map((panel) => (
          <PanelFrame
            key={panel.id}
            panel={panel}
            object={objects.get(`${panel.target.type}:${panel.target.id}`) ?? null}
            view={view}
            turn={turn}
            editing={editing}
            onGrab={() => {
              grabbed.current = model;
            }}
            onPlace={(box, dragging = false) => setModel(placePanel(dragging ? grabbed.current : model, panel.id, box))}
            onRemove={() => setModel({ ...model, panels: model.panels.filter((other) => other.id !== panel.id) })}
            onFilter={(field, value, negate) =>
              change({ filters: addFilter(view.filters, isFilter(field, value, negate)) })
            }
            onTime={(from, to) =>
              change({ time: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } })
            }
          />
        ))}
      </div>
      {dialog === "add" && (
        <AddPanel
          objects={[...objects.values()]}
          onClose={() => setDialog(null)}
          onAdd={(target) => setModel((before) => addPanel(before, target))}
        />
      )}
      {dialog === "save" && (
        <SaveDialog
          heading="Save this dashboard"
          hint="The time range, the refresh interval and the query are saved with it."
          title={model.title}
          onClose={() => setDialog(null)}
          onSave={save}
        />
      )}
    </div>
  );
}

interface AddPanelProps {
  readonly objects: readonly SavedObject[];
  readonly onClose: () => void;
  readonly onAdd: (target: { type: string; id: string }) => void;
}

function AddPanel({ objects, onClose, onAdd }: AddPanelProps): VNode {
  const [wanted, setWanted] = useState("");
  const list = objects
    .filter((object) => titleOf(object).toLowerCase().includes(wanted.toLowerCase()))
    .sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
  return (
    <Dialog title="Add panels" onClose={onClose}>
      <input
        type="search"
        placeholder="Find a chart or a search"
        aria-label="Find a chart or a search"
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <ul class="choices">
        {list.map((object) => (
          <li key={`${object.type}:${object.id}`}>
            <button
              type="button"
              onClick={() => {
                onAdd({ type: object.type, id: object.id });
                say(`${titleOf(object)} is added`);
              }}
            >
              <b>{titleOf(object)}</b>
              <small>{describeObject(object).name}</small>
            </button>
          </li>
        ))}
      </ul>
      <a class="button" href="/app/visualize/new">
        <Icon name="plus" /> New visualisation
      </a>
    </Dialog>
  );
}
