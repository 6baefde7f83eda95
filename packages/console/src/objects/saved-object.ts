/** Kibana's saved object, as its HTTP API and its exports write it. */
export interface SavedObject {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly SavedObjectReference[];
  readonly coreMigrationVersion?: string;
  readonly typeMigrationVersion?: string;
  /** ISO 8601 times. */
  readonly created_at?: string;
  readonly updated_at?: string;
  /** Opaque; changes with every write. */
  readonly version?: string;
  readonly managed?: boolean;
}

export interface SavedObjectReference {
  readonly name: string;
  readonly type: string;
  readonly id: string;
}

/** The types that the console keeps. The ones it doesn't draw still travel through import and export unharmed. */
export const SAVED_OBJECT_TYPES: readonly string[] = [
  "index-pattern",
  "search",
  "visualization",
  "lens",
  "dashboard",
  "query",
  "tag",
  "links",
  "map",
];

/** The version that a new object of a type states, so that a real Kibana runs no older migration on it. */
export const TYPE_MIGRATION_VERSIONS: Readonly<Record<string, string>> = {
  "index-pattern": "8.0.0",
  search: "7.9.3",
  visualization: "7.14.0",
  lens: "8.9.0",
  dashboard: "8.7.0",
};

export const CORE_MIGRATION_VERSION = "8.8.0";

/** `type:id`, the identity of an object. */
export function objectKey(object: { readonly type: string; readonly id: string }): string {
  return `${object.type}:${object.id}`;
}

/** What Kibana's import answers show beside an id. */
export function objectTitle(object: Pick<SavedObject, "attributes" | "id">): string {
  const { title, name } = object.attributes;
  if (typeof title === "string" && title !== "") return title;
  return typeof name === "string" && name !== "" ? name : object.id;
}

const ICONS: Readonly<Record<string, string>> = {
  "index-pattern": "indexPatternApp",
  search: "discoverApp",
  visualization: "visualizeApp",
  lens: "lensApp",
  dashboard: "dashboardApp",
};

/** The `meta` of an import's answer. */
export function objectMeta(object: SavedObject): { title: string; icon: string } {
  return { title: objectTitle(object), icon: ICONS[object.type] ?? "document" };
}
