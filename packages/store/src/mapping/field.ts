import type { FieldMapping } from "@falco-efk/elastic";
import { DEFAULT_DATE_FORMAT, DEFAULT_NANOS_FORMAT, FIELD_TYPES, type FieldType } from "./field-types.ts";

/** A field that can be searched. Several fields may read the same column: `rule` and `rule.keyword` do. */
export interface Field {
  readonly path: string;
  readonly typeName: string;
  readonly type: FieldType;
  readonly column: string;
  /** A keyword longer than this is not seen through this field. Infinity when there is no limit. */
  readonly ignoreAbove: number;
  readonly dateFormat: string;
  readonly ignoreMalformed: boolean;
  readonly mapping: FieldMapping;
  /** The path of the field that this one is a multi-field of. */
  readonly parent: string | null;
}

/** Builds a field and its multi-fields. Gives null when a type is not known. */
export function makeFields(path: string, mapping: FieldMapping, ignoreMalformed: boolean): Field[] | null {
  const main = makeField(path, path, mapping, null, ignoreMalformed);
  if (!main) {
    return null;
  }
  const fields = [main];
  for (const [name, sub] of Object.entries(mapping.fields ?? {})) {
    const type = FIELD_TYPES[sub.type ?? ""];
    const shared = type?.kind === main.type.kind && type.family !== "date" && main.type.kind === "string";
    const field = makeField(`${path}.${name}`, shared ? path : `${path}.${name}`, sub, path, ignoreMalformed);
    if (!field) {
      return null;
    }
    fields.push(field);
  }
  return fields;
}

function makeField(
  path: string,
  column: string,
  mapping: FieldMapping,
  parent: string | null,
  ignoreMalformed: boolean,
): Field | null {
  const typeName = mapping.type ?? "object";
  const type = FIELD_TYPES[typeName];
  if (!type) {
    return null;
  }
  return {
    path,
    typeName,
    type,
    column,
    ignoreAbove:
      type.family === "keyword" && mapping.ignore_above !== undefined ? Number(mapping.ignore_above) : Infinity,
    dateFormat: mapping.format ?? (typeName === "date_nanos" ? DEFAULT_NANOS_FORMAT : DEFAULT_DATE_FORMAT),
    ignoreMalformed: mapping.ignore_malformed === undefined ? ignoreMalformed : mapping.ignore_malformed === true,
    mapping,
    parent,
  };
}
