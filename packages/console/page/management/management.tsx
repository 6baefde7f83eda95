import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { SavedObject } from "../data/saved-object.ts";
import { download } from "../discover/export-events.ts";
import { searchLink } from "../discover/saved-searches.tsx";
import { call, errorText } from "../state/http.ts";
import { deleteObject, findObjects, titleOf } from "../state/objects.ts";
import { dataViews, defaultView, loadSession } from "../state/session.ts";
import { formatShort } from "../time/format-time.ts";
import { ConfirmButton } from "../ui/confirm.tsx";
import { Icon } from "../ui/icons.tsx";
import { say } from "../ui/toast.tsx";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { describeObject } from "../visualize/describe-object.ts";

/** Data views and saved objects. */
export function Management(): VNode {
  const [turn, reload] = useTicking(0);
  return (
    <div class="page">
      <h1>Management</h1>
      <DataViews onChange={reload} />
      <SavedObjects turn={turn} onChange={reload} />
    </div>
  );
}

function DataViews({ onChange }: { readonly onChange: () => void }): VNode {
  const makeDefault = async (id: string): Promise<void> => {
    await attempt(async () => {
      await call("POST", "/api/data_views/default", { data_view_id: id, force: true });
      await loadSession();
      onChange();
    });
  };
  return (
    <section class="box">
      <header>
        <h2>Data views</h2>
        <a class="button primary" href="/app/management/new-data-view">
          <Icon name="plus" /> Create data view
        </a>
      </header>
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col">Index pattern</th>
            <th scope="col">Name</th>
            <th scope="col" class="wide-only">
              Time field
            </th>
            <th scope="col">Default</th>
          </tr>
        </thead>
        <tbody>
          {(dataViews.value ?? []).map(({ id, title, name, timeFieldName }) => (
            <tr key={id}>
              <td>
                <a href={`/app/discover?view=${encodeURIComponent(id)}`}>{title}</a>
              </td>
              <td>{name}</td>
              <td class="word wide-only">{timeFieldName ?? "none"}</td>
              <td>
                {id === defaultView.value ? (
                  "default"
                ) : (
                  <button type="button" class="button small" onClick={() => void makeDefault(id)}>
                    Make default
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function SavedObjects({ turn, onChange }: { readonly turn: number; readonly onChange: () => void }): VNode {
  const { value, fault } = useLoaded(`objects ${turn}`, () => findObjects([]));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const list = value ?? [];
  const key = (object: SavedObject): string => `${object.type}:${object.id}`;
  const selected = list.filter((object) => chosen.has(key(object)));
  const exportThem = (): Promise<void> =>
    attempt(async () => {
      const objects = (selected.length === 0 ? list : selected).map(({ type, id }) => ({ type, id }));
      const response = await fetch("/api/saved_objects/_export", {
        method: "POST",
        headers: { "kbn-xsrf": "console", "content-type": "application/json" },
        body: JSON.stringify({ objects, includeReferencesDeep: true }),
      });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      download("export.ndjson", "application/ndjson", await response.text());
    });
  const remove = (): Promise<void> =>
    attempt(async () => {
      for (const { type, id } of selected) await deleteObject(type, id);
      say(`${selected.length} deleted`);
      setChosen(new Set());
      await loadSession();
      onChange();
    });
  return (
    <section class="box">
      <header>
        <h2>Saved objects</h2>
        <div class="menu">
          <ImportButton onDone={onChange} />
          <button type="button" class="button" disabled={list.length === 0} onClick={() => void exportThem()}>
            <Icon name="download" /> Export {selected.length === 0 ? "all" : selected.length}
          </button>
          <ConfirmButton
            icon="trash"
            label="Delete"
            disabled={selected.length === 0}
            question={`Delete ${selected.length} saved ${selected.length === 1 ? "object" : "objects"}?`}
            onConfirm={() => void remove()}
          >
            Dashboards that show them will have an empty place. Export them first to be able to bring them back.
          </ConfirmButton>
        </div>
      </header>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col" class="col-check">
              <span class="hidden">Choose</span>
            </th>
            <th scope="col">Title</th>
            <th scope="col">Type</th>
            <th scope="col" class="wide-only">
              Changed
            </th>
          </tr>
        </thead>
        <tbody>
          {list.map((object) => (
            <tr key={key(object)}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Choose ${titleOf(object)}`}
                  checked={chosen.has(key(object))}
                  onChange={(event) => {
                    const next = new Set(chosen);
                    if (event.currentTarget.checked) next.add(key(object));
                    else next.delete(key(object));
                    setChosen(next);
                  }}
                />
              </td>
              <td>
                <a href={linkTo(object)}>{titleOf(object)}</a>
              </td>
              <td class="word">{describeObject(object).name}</td>
              <td class="wide-only">
                {object.updated_at === undefined ? "" : formatShort(Date.parse(object.updated_at))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function linkTo(object: SavedObject): string {
  const id = encodeURIComponent(object.id);
  if (object.type === "search") return searchLink(object);
  if (object.type === "dashboard") return `/app/dashboards/${id}`;
  if (object.type === "visualization" || object.type === "lens") return `/app/visualize/${object.type}/${id}`;
  return object.type === "index-pattern" ? `/app/discover?view=${id}` : "/app/management";
}

interface ImportAnswer {
  readonly success: boolean;
  readonly successCount: number;
  readonly errors?: readonly {
    readonly type: string;
    readonly id: string;
    readonly error: { readonly type: string };
  }[];
}

function ImportButton({ onDone }: { readonly onDone: () => void }): VNode {
  const take = (file: File): Promise<void> =>
    attempt(async () => {
      const form = new FormData();
      form.append("file", file, file.name);
      const answer = await call<ImportAnswer>("POST", "/api/saved_objects/_import?overwrite=true", form);
      const faults = (answer.errors ?? []).map(
        ({ type, id, error }) => `${type} ${id}: ${error.type.replaceAll("_", " ")}`,
      );
      say(
        `${answer.successCount} imported${faults.length === 0 ? "" : `; not: ${faults.join(", ")}`}`,
        answer.success ? "info" : "error",
      );
      await loadSession();
      onDone();
    });
  return (
    <label class="button file-button">
      <Icon name="plus" /> Import
      <input
        type="file"
        accept=".ndjson"
        aria-label="Import saved objects from a file"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) void take(file);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    say(errorText(error), "error");
  }
}
