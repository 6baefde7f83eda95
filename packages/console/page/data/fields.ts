/** What a person calls a field's type; `string` is both text and keyword. */
export type FieldType = "string" | "number" | "date" | "boolean" | "ip" | "other";

/** A field of a data view. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Elasticsearch's type, such as `keyword`. */
  readonly esType: string;
  /** The field to group by: itself, its `.keyword` sub-field, or null when neither can be. */
  readonly groupBy: string | null;
  /** Of a sub-field such as `rule.keyword` the field it belongs to, else null. */
  readonly parent: string | null;
}

/** The `fields` of a `_field_caps` answer. */
export type FieldCapabilities = Readonly<
  Record<
    string,
    Readonly<
      Record<string, { readonly type: string; readonly aggregatable: boolean; readonly metadata_field?: boolean }>
    >
  >
>;

const TYPES: Readonly<Record<string, FieldType>> = {
  text: "string",
  keyword: "string",
  wildcard: "string",
  constant_keyword: "string",
  match_only_text: "string",
  flattened: "string",
  long: "number",
  integer: "number",
  short: "number",
  byte: "number",
  double: "number",
  float: "number",
  half_float: "number",
  scaled_float: "number",
  unsigned_long: "number",
  date: "date",
  date_nanos: "date",
  boolean: "boolean",
  ip: "ip",
};

/** The fields of an index pattern in order of their names; objects and metadata are left out. */
export function readFields(capabilities: FieldCapabilities): Field[] {
  const types = new Map<string, { esType: string; aggregatable: boolean }>();
  for (const [name, byType] of Object.entries(capabilities)) {
    const candidates = Object.values(byType).filter(
      ({ type }) => type !== "object" && type !== "nested" && type !== "unmapped",
    );
    const [first] = candidates;
    if (first === undefined || first.metadata_field === true || name.startsWith("_")) continue;
    // Indices that disagree on the type: what all of them can do is what may be offered.
    types.set(name, { esType: first.type, aggregatable: candidates.every(({ aggregatable }) => aggregatable) });
  }
  return [...types]
    .map(([name, { esType, aggregatable }]): Field => {
      const keyword = types.get(`${name}.keyword`);
      const parent = name.endsWith(".keyword") && types.has(name.slice(0, -8)) ? name.slice(0, -8) : null;
      const groupBy = aggregatable ? name : keyword?.aggregatable === true ? `${name}.keyword` : null;
      return { name, type: TYPES[esType] ?? "other", esType, groupBy, parent };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** By name. */
export function fieldMap(fields: readonly Field[]): ReadonlyMap<string, Field> {
  return new Map(fields.map((field) => [field.name, field]));
}

/**
 * The field that indices as they are can group by, for one that a saved object names: `.keyword` is added where only
 * that can be grouped, and taken away where there is none.
 */
export function groupableField(name: string, fields: ReadonlyMap<string, Field>): string {
  const own = fields.get(name);
  if (own !== undefined) return own.groupBy ?? name;
  return name.endsWith(".keyword") ? (fields.get(name.slice(0, -8))?.groupBy ?? name) : name;
}
