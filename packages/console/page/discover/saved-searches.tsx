import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { type Filter, fromKibanaFilter, type KibanaFilter, toKibanaFilter } from "../data/filter.ts";
import type { SavedObject } from "../data/saved-object.ts";
import { errorText } from "../state/http.ts";
import { findObjects, saveObject, titleOf } from "../state/objects.ts";
import { writeFilter } from "../state/view-query.ts";
import { Dialog } from "../ui/dialog.tsx";
import { say } from "../ui/toast.tsx";
import { useLoaded } from "../ui/use-ticking.ts";

export const INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index";

export interface SearchState {
  readonly dataViewId: string;
  readonly text: string;
  readonly filters: readonly Filter[];
  readonly columns: readonly string[];
  readonly sort: { readonly field: string; readonly descending: boolean };
}

interface SearchSource {
  readonly query?: { readonly query?: unknown; readonly language?: string };
  readonly filter?: readonly KibanaFilter[];
}

/** The `searchSourceJSON` of an object, parsed. */
export function searchSource(object: SavedObject): SearchSource {
  const meta = object.attributes.kibanaSavedObjectMeta as { searchSourceJSON?: string } | undefined;
  return JSON.parse(meta?.searchSourceJSON ?? "{}") as SearchSource;
}

/** The URL that opens a saved search in Discover. */
export function searchLink(object: SavedObject): string {
  const source = searchSource(object);
  const query = new URLSearchParams();
  const index = object.references.find(({ type }) => type === "index-pattern")?.id;
  if (index !== undefined) query.set("view", index);
  if (typeof source.query?.query === "string" && source.query.query !== "") query.set("q", source.query.query);
  for (const filter of source.filter ?? []) {
    const pill = fromKibanaFilter(filter);
    if (pill !== null) query.append("f", writeFilter(pill));
  }
  const columns = object.attributes.columns;
  if (Array.isArray(columns)) query.set("cols", columns.join(","));
  const [first] = Array.isArray(object.attributes.sort) ? (object.attributes.sort as [string, string][]) : [];
  if (first !== undefined) query.set("sort", `${first[1] === "asc" ? "" : "-"}${first[0]}`);
  query.set("search", object.id);
  return `/app/discover?${query}`;
}

/** Lists the saved searches to open one. */
export function OpenSearch({ onClose }: { readonly onClose: () => void }): VNode {
  const { value, fault } = useLoaded("searches", () => findObjects(["search"]));
  return (
    <Dialog title="Open a saved search" onClose={onClose}>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      <ul class="choices">
        {(value ?? []).map((object) => (
          <li key={object.id}>
            <a href={searchLink(object)} onClick={() => setTimeout(onClose)}>
              <b>{titleOf(object)}</b>
              <small>{String(object.attributes.description ?? "")}</small>
            </a>
          </li>
        ))}
        {value?.length === 0 && <li class="empty">No search is saved yet. Save puts the one you see here.</li>}
      </ul>
    </Dialog>
  );
}

interface SaveSearchProps {
  readonly state: SearchState;
  readonly id: string | null;
  readonly onClose: () => void;
  readonly onSaved: (object: SavedObject) => void;
}

/** Saves what Discover shows as a `search` object, in the form that Kibana imports. */
export function SaveSearch({ state, id, onClose, onSaved }: SaveSearchProps): VNode {
  const [title, setTitle] = useState("");
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const attributes = {
        title,
        description: "",
        columns: state.columns,
        sort: [[state.sort.field, state.sort.descending ? "desc" : "asc"]],
        kibanaSavedObjectMeta: {
          searchSourceJSON: JSON.stringify({
            query: { query: state.text, language: "kuery" },
            filter: state.filters.map((filter) => toKibanaFilter(filter, INDEX_REFERENCE)),
            indexRefName: INDEX_REFERENCE,
          }),
        },
      };
      const references = [{ name: INDEX_REFERENCE, type: "index-pattern", id: state.dataViewId }];
      onSaved(await saveObject({ type: "search", id, attributes, references }));
      say(`Saved as ${title}`);
      onClose();
    } catch (error) {
      say(errorText(error), "error");
    }
  };
  return (
    <Dialog title="Save this search" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <label>
          Title
          <input required maxLength={200} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button primary">
          Save
        </button>
      </form>
    </Dialog>
  );
}
