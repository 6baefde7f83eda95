import type { FieldMapping, Mappings } from "@falco-efk/elastic";

/**
 * The type that a field would get from these mappings: by `properties`, by a multi-field, or by the dynamic template for
 * `jsonType`. Null when nothing gives it one.
 */
export function mappedType(mappings: Mappings, field: string, jsonType = "string"): string | null {
  return (
    inProperties(mappings.properties ?? {}, field) ??
    inFlatObject(mappings, field) ??
    byTemplate(mappings, field, jsonType)
  );
}

function inProperties(properties: Readonly<Record<string, FieldMapping>>, field: string): string | null {
  const own = properties[field];
  if (own?.type !== undefined && own.type !== "object") return own.type;
  for (const [name, mapping] of Object.entries(properties)) {
    if (!field.startsWith(`${name}.`)) continue;
    const rest = field.slice(name.length + 1);
    const found = inProperties({ ...mapping.fields, ...mapping.properties }, rest);
    if (found !== null) return found;
  }
  return null;
}

function inFlatObject(mappings: Mappings, field: string): string | null {
  const [head = ""] = field.split(".");
  const type = mappings.properties?.[head]?.type;
  return field !== head && (type === "flat_object" || type === "flattened") ? "keyword" : null;
}

function byTemplate(mappings: Mappings, field: string, jsonType: string): string | null {
  const [head = ""] = field.split(".");
  const parent = mappings.properties?.[head];
  // A scalar that is mapped has no children but its multi-fields.
  if (field !== head && parent?.type !== undefined && parent.type !== "object") return null;
  for (const entry of mappings.dynamic_templates ?? []) {
    for (const rule of Object.values(entry)) {
      if (rule.match_mapping_type === jsonType && rule.path_match === undefined) return rule.mapping.type ?? null;
    }
  }
  return null;
}
