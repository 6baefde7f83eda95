/** A JSON Schema as plain data. */
export type TSchema = object;
export type TProperties = Readonly<Record<string, TSchema>>;

const OPTIONAL = Symbol("optional");

/**
 * Makes JSON Schemas, under the names that typebox gives the same: loading that for a handful of words was a tenth of the
 * engine's start.
 */
export const Type = {
  Boolean: (options: object = {}): TSchema => ({ type: "boolean", ...options }),
  String: (options: object = {}): TSchema => ({ type: "string", ...options }),
  Integer: (options: object = {}): TSchema => ({ type: "integer", ...options }),
  Number: (options: object = {}): TSchema => ({ type: "number", ...options }),
  Array: (items: TSchema, options: object = {}): TSchema => ({ type: "array", items, ...options }),
  /** Whatever it says. */
  Unsafe: (schema: object): TSchema => schema,
  /** The property need not be there. */
  Optional: (schema: TSchema): TSchema => ({ ...schema, [OPTIONAL]: true }),
  Object(properties: TProperties, options: object = {}): TSchema {
    const required = Object.keys(properties).filter((key) => !(OPTIONAL in (properties[key] as TSchema)));
    return { type: "object", ...(required.length === 0 ? {} : { required }), properties, ...options };
  },
} as const;
