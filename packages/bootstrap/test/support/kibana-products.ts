import type { SavedObject } from "../../src/index.ts";

/** In what Kibana and OpenSearch Dashboards differ on the paths that bootstrap uses. */
export interface Product {
  readonly version: string;
  readonly xsrfHeader: string;
  /** Response header that carries the server's name. */
  readonly nameHeader: string;
  /** Parameters that the import takes; any other is refused. */
  readonly importQuery: readonly string[];
  /** The newest form of each type that it knows; older ones are migrated, newer ones refused. */
  readonly latest: Readonly<Record<string, string>>;
  readonly defaultDataViewPath: string;
  status(version: string, available: boolean): unknown;
  showDefaultDataView(id: string | null): unknown;
  /** `id` is undefined for a body that isn't one; null takes the default away. */
  readDefaultDataView(body: unknown): { readonly id: string | null | undefined; readonly force: boolean };
  /** Why it doesn't take an object, in its own words; null when it does. */
  refusal(object: SavedObject): string | null;
  /** An object as it is kept, after the migrations. */
  stored<T extends SavedObject>(object: T): T;
}

export const KIBANA: Product = {
  version: "9.5.3",
  xsrfHeader: "kbn-xsrf",
  nameHeader: "kbn-name",
  importQuery: ["overwrite", "createNewCopies", "compatibilityMode"],
  // From 8.13 on, Kibana counts some types' versions from 10.1.0; seen in exports of 8.15 and later.
  latest: {
    "index-pattern": "8.0.0",
    search: "10.5.0",
    visualization: "8.5.0",
    dashboard: "10.3.0",
    lens: "8.9.0",
    map: "8.4.0",
  },
  defaultDataViewPath: "/api/data_views/default",
  status(version, available) {
    const level = available ? "available" : "unavailable";
    return { version: { number: version }, status: { overall: { level, summary: `is ${level}` } } };
  },
  showDefaultDataView: (id) => ({ data_view_id: id ?? "" }),
  readDefaultDataView(body) {
    const { data_view_id: id, force } = body as { data_view_id?: string | null; force?: boolean };
    return { id, force: force === true };
  },
  refusal: () => null,
  stored: (object) => ({
    ...object,
    attributes: object.type === "visualization" ? migratePie(object.attributes) : object.attributes,
    coreMigrationVersion: "8.8.0",
    typeMigrationVersion: KIBANA.latest[object.type] as string,
  }),
};

/** Attributes that OpenSearch Dashboards maps; its index refuses a document with any other. */
const DASHBOARDS_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  search: ["columns", "description", "hits", "kibanaSavedObjectMeta", "sort", "title", "version"],
  visualization: [
    "description",
    "kibanaSavedObjectMeta",
    "savedSearchRefName",
    "title",
    "uiStateJSON",
    "version",
    "visState",
  ],
  dashboard: [
    "description",
    "hits",
    "kibanaSavedObjectMeta",
    "optionsJSON",
    "panelsJSON",
    "refreshInterval",
    "timeFrom",
    "timeRestore",
    "timeTo",
    "title",
    "version",
  ],
};

/** OpenSearch Dashboards, which kept the forms of Kibana 7.10: facts from its route and type definitions. */
export const DASHBOARDS: Product = {
  version: "3.8.0",
  xsrfHeader: "osd-xsrf",
  nameHeader: "osd-name",
  importQuery: ["overwrite", "createNewCopies", "workspaces", "dataSourceId", "dataSourceTitle"],
  latest: { "index-pattern": "7.6.0", search: "7.9.3", visualization: "7.10.0", dashboard: "7.9.3" },
  defaultDataViewPath: "/api/opensearch-dashboards/settings",
  status(version, available) {
    const state = available ? "green" : "red";
    return { version: { number: version }, status: { overall: { state, title: state }, statuses: [] } };
  },
  showDefaultDataView: (id) => ({ settings: id === null ? {} : { defaultIndex: { userValue: id } } }),
  readDefaultDataView(body) {
    return { id: (body as { changes?: { defaultIndex?: string | null } }).changes?.defaultIndex, force: true };
  },
  refusal(object) {
    const known = DASHBOARDS_ATTRIBUTES[object.type];
    const stray = known === undefined ? undefined : Object.keys(object.attributes).find((key) => !known.includes(key));
    if (stray === undefined) return null;
    return `mapping set to strict, dynamic introduction of [${stray}] within [${object.type}] is not allowed`;
  },
  stored(object) {
    const { coreMigrationVersion: _core, typeMigrationVersion: _type, ...rest } = object;
    return { ...rest, migrationVersion: { [object.type]: DASHBOARDS.latest[object.type] } } as typeof object;
  },
};

/** What Kibana 8.1 does to every older pie. */
function migratePie(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const state = JSON.parse(String(attributes.visState)) as { type: string; params: Record<string, unknown> };
  if (state.type !== "pie" || !("addLegend" in state.params)) return { ...attributes };
  const { addLegend, ...params } = state.params;
  return {
    ...attributes,
    visState: JSON.stringify({ ...state, params: { ...params, legendDisplay: addLegend === true ? "show" : "hide" } }),
  };
}
