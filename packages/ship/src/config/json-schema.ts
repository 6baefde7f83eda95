/** A JSON Schema. It's built by hand: a library for it would take a fifth of the time of a start. */
export type Schema = Readonly<Record<string, unknown>>;

const OPTIONAL = new WeakSet<Schema>();

/** Marks a property that may be missing and has no default. */
export function optional(schema: Schema): Schema {
  const copy = { ...schema };
  OPTIONAL.add(copy);
  return copy;
}

/** An object that has all of `properties` once defaults are filled in, but those marked as optional. */
export function object(properties: Readonly<Record<string, Schema>>, options: Schema = {}): Schema {
  const required = Object.entries(properties).flatMap(([name, schema]) => (OPTIONAL.has(schema) ? [] : [name]));
  return { type: "object", ...(required.length === 0 ? {} : { required }), properties, ...options };
}

export function array(items: Schema, options: Schema = {}): Schema {
  return { type: "array", items, ...options };
}

export function string(options: Schema = {}): Schema {
  return { type: "string", ...options };
}

export function integer(options: Schema = {}): Schema {
  return { type: "integer", ...options };
}

export function boolean(options: Schema = {}): Schema {
  return { type: "boolean", ...options };
}

export function choice(values: readonly unknown[], options: Schema = {}): Schema {
  return { enum: values, ...options };
}

export function union(schemas: readonly Schema[], options: Schema = {}): Schema {
  return { anyOf: schemas, ...options };
}
