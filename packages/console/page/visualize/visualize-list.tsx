import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { errorText } from "../state/http.ts";
import { findObjects, titleOf } from "../state/objects.ts";
import { go } from "../state/router.ts";
import { dataViews } from "../state/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { useLoaded } from "../ui/use-ticking.ts";
import type { ChartKind } from "../vis/spec.ts";
import { CHART_KINDS, describeObject } from "./describe-object.ts";

/** All charts, and the way to a new one: its kind, then its index. */
export function VisualizeList(): VNode {
  const { value, fault } = useLoaded("charts", () => findObjects(["visualization", "lens"]));
  const [adding, setAdding] = useState(false);
  return (
    <div class="page">
      <header class="page-head">
        <h1>Visualize</h1>
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" /> Add
        </button>
      </header>
      {fault !== null && <p class="fault banner">{errorText(fault)}</p>}
      <ul class="cards">
        {(value ?? []).map((object) => {
          const { name, icon } = describeObject(object);
          const about = String(object.attributes.description ?? "");
          return (
            <li key={`${object.type}:${object.id}`}>
              <a href={`/app/visualize/${object.type}/${encodeURIComponent(object.id)}`}>
                <Icon name={icon} />
                <b>{titleOf(object)}</b>
                <small>{about === "" ? name : `${name} · ${about}`}</small>
              </a>
            </li>
          );
        })}
      </ul>
      {value?.length === 0 && (
        <p class="empty big">No visualisation yet. falco-bootstrap installs the pies, or add your own.</p>
      )}
      {adding && <AddVisualization onClose={() => setAdding(false)} />}
    </div>
  );
}

function AddVisualization({ onClose }: { readonly onClose: () => void }): VNode {
  const [kind, setKind] = useState<ChartKind | null>(null);
  const views = dataViews.value ?? [];
  return (
    <Dialog title={kind === null ? "New visualisation" : "Choose the index"} onClose={onClose}>
      <ul class="choices">
        {kind === null
          ? CHART_KINDS.map(([name, title, hint]) => (
              <li key={name}>
                <button type="button" onClick={() => setKind(name)}>
                  <b>{title}</b>
                  <small>{hint}</small>
                </button>
              </li>
            ))
          : views.map(({ id, title, name }) => (
              <li key={id}>
                <button
                  type="button"
                  onClick={() => go(`/app/visualize/new?kind=${kind}&view=${encodeURIComponent(id)}`)}
                >
                  <b>{title}</b>
                  <small>{name}</small>
                </button>
              </li>
            ))}
        {kind !== null && views.length === 0 && (
          <li class="empty">
            There is no data view. <a href="/app/management/new-data-view">Create one.</a>
          </li>
        )}
      </ul>
    </Dialog>
  );
}
