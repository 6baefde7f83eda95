import type { SavedQuery } from "../data/build-query.ts";
import type { KibanaFilter } from "../data/filter.ts";
import type { SavedObject } from "../data/saved-object.ts";
import { searchSource } from "../discover/saved-searches.tsx";
import { readVisualization } from "../vis/legacy.ts";
import { type LensState, readLens } from "../vis/lens.ts";
import type { ChartSpec } from "../vis/spec.ts";

/** What a panel draws: a chart, or the rows of a saved search, with the object's own query and filters. */
export interface PanelSource {
  readonly spec: ChartSpec | null;
  readonly columns: readonly string[];
  readonly sort: { readonly field: string; readonly descending: boolean } | null;
  readonly dataViewId: string | null;
  readonly query: SavedQuery;
  readonly filters: readonly KibanaFilter[];
}

const NO_QUERY: SavedQuery = { query: "", language: "kuery" };

/** Reads a saved object as a panel. Throws an Error that says what can't be drawn. */
export function readPanelSource(object: SavedObject): PanelSource {
  const dataViewId = object.references.find(({ type }) => type === "index-pattern")?.id ?? null;
  if (object.type === "lens") {
    const state = object.attributes.state as LensState | undefined;
    const query = { query: state?.query?.query ?? "", language: state?.query?.language ?? "kuery" };
    return {
      spec: readLens(object.attributes),
      columns: [],
      sort: null,
      dataViewId,
      query,
      filters: (state?.filters ?? []) as KibanaFilter[],
    };
  }
  const source = searchSource(object);
  const text = source.query?.query;
  const query = typeof text === "string" ? { query: text, language: source.query?.language ?? "kuery" } : NO_QUERY;
  const common = { dataViewId, query, filters: source.filter ?? [] };
  if (object.type === "visualization")
    return { ...common, spec: readVisualization(object.attributes), columns: [], sort: null };
  if (object.type !== "search") throw new Error(`panels of type ${object.type} are not drawn here`);
  const { columns, sort } = object.attributes;
  const [first] = Array.isArray(sort) ? (sort as [string, string][]) : [];
  return {
    ...common,
    spec: null,
    columns: Array.isArray(columns) ? columns.map(String) : [],
    sort: first === undefined ? null : { field: first[0], descending: first[1] !== "asc" },
  };
}
