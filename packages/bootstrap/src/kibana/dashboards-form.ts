import type { SavedObject } from "./saved-object.ts";

const MIGRATION_VERSIONS: Readonly<Record<string, string>> = {
  "index-pattern": "7.6.0",
  search: "7.9.3",
  visualization: "7.10.0",
  dashboard: "7.9.3",
};

/**
 * The 7.x form that OpenSearch Dashboards takes: `migrationVersion` by type, panels' references by their bare name, and none
 * of the data view's attributes that it doesn't know (its index has a strict mapping).
 */
export function toDashboardsForm(object: SavedObject): SavedObject {
  const { coreMigrationVersion: _core, typeMigrationVersion: _type, ...rest } = object;
  const migrationVersion = { [object.type]: MIGRATION_VERSIONS[object.type] ?? "7.9.3" };
  if (object.type === "index-pattern") {
    const { name: _name, allowNoIndex: _allow, ...attributes } = object.attributes;
    return { ...rest, attributes, migrationVersion };
  }
  if (object.type !== "dashboard") return { ...rest, migrationVersion };
  const panels = JSON.parse(String(object.attributes.panelsJSON)) as Record<string, unknown>[];
  return {
    ...rest,
    attributes: {
      ...object.attributes,
      panelsJSON: JSON.stringify(
        panels.map(({ type: _drop, ...panel }) => ({ ...panel, version: "7.9.3", embeddableConfig: {} })),
      ),
    },
    references: object.references.map((reference) => ({ ...reference, name: reference.name.replace(/^.*:/, "") })),
    migrationVersion,
  };
}
