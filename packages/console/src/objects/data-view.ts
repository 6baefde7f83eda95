import { randomUUID } from "node:crypto";
import { CORE_MIGRATION_VERSION, type SavedObject, TYPE_MIGRATION_VERSIONS } from "./saved-object.ts";

/** A data view as Kibana's `/api/data_views` speaks of it: what the saved objects call an index pattern. */
export interface EventView {
  readonly id?: string;
  readonly version?: string;
  readonly title: string;
  readonly name?: string;
  readonly timeFieldName?: string;
  readonly allowNoIndex?: boolean;
}

/** The saved object of a data view. A data view without an id gets a random one. */
export function toIndexPattern(view: EventView): SavedObject {
  const { id, version: _version, ...attributes } = view;
  return {
    type: "index-pattern",
    id: id ?? randomUUID(),
    attributes,
    references: [],
    coreMigrationVersion: CORE_MIGRATION_VERSION,
    ...(TYPE_MIGRATION_VERSIONS["index-pattern"] === undefined
      ? {}
      : { typeMigrationVersion: TYPE_MIGRATION_VERSIONS["index-pattern"] }),
  };
}

/** The data view of an `index-pattern` object. */
export function fromIndexPattern(object: SavedObject): Record<string, unknown> {
  const { title, name, timeFieldName, allowNoIndex } = object.attributes;
  return {
    id: object.id,
    ...(object.version === undefined ? {} : { version: object.version }),
    title,
    ...(timeFieldName === undefined ? {} : { timeFieldName }),
    name: name ?? "",
    allowNoIndex: allowNoIndex ?? false,
    sourceFilters: [],
    fields: {},
    fieldFormats: {},
    runtimeFieldMap: {},
    namespaces: ["default"],
  };
}
