/** A field's mapping. An object has `properties` instead of a `type`. */
export interface FieldMapping {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, FieldMapping>>;
  readonly fields?: Readonly<Record<string, FieldMapping>>;
  readonly ignore_above?: number;
  readonly format?: string;
  readonly subobjects?: boolean;
  readonly dynamic?: boolean | "true" | "false" | "strict" | "runtime";
  readonly [parameter: string]: unknown;
}

/** One dynamic template: a name, and the rule under it. */
export type DynamicTemplate = Readonly<
  Record<
    string,
    {
      readonly match?: string | readonly string[];
      readonly unmatch?: string | readonly string[];
      readonly path_match?: string | readonly string[];
      readonly path_unmatch?: string | readonly string[];
      readonly match_mapping_type?: string | readonly string[];
      readonly match_pattern?: "simple" | "regex";
      readonly mapping: FieldMapping;
    }
  >
>;

/** The mappings of an index or a template. */
export interface Mappings {
  readonly properties?: Readonly<Record<string, FieldMapping>>;
  readonly dynamic?: boolean | "true" | "false" | "strict" | "runtime";
  readonly dynamic_templates?: readonly DynamicTemplate[];
  readonly date_detection?: boolean;
  readonly numeric_detection?: boolean;
  readonly subobjects?: boolean;
  readonly _meta?: unknown;
  readonly [parameter: string]: unknown;
}

/** What a template puts into a new index. */
export interface TemplateBody {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly mappings?: Mappings;
  readonly aliases?: Readonly<Record<string, unknown>>;
}

/** The body of `PUT /_index_template/NAME`. */
export interface IndexTemplate {
  readonly index_patterns: string | readonly string[];
  readonly template?: TemplateBody;
  readonly composed_of?: readonly string[];
  readonly ignore_missing_component_templates?: readonly string[];
  readonly priority?: number;
  readonly version?: number;
  readonly data_stream?: Readonly<Record<string, unknown>>;
  readonly _meta?: unknown;
}

/** The body of `PUT /_component_template/NAME`. */
export interface ComponentTemplate {
  readonly template: TemplateBody;
  readonly version?: number;
  readonly _meta?: unknown;
}
