interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
}

/**
 * Reads texts as booleans and numbers, and numbers and booleans as texts, where the schema asks for them: an expanded
 * `${PORT}` is a text, and Falco takes `"true"` for true. What does not convert stays as it is, for the check to refuse.
 * A word of a fixed set may stand in any case.
 */
export function coerce(value: unknown, schema: SchemaNode): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => coerce(item, items));
  }
  if (value !== null && typeof value === "object") {
    const { properties } = schema;
    if (properties === undefined) return value;
    const entries = Object.entries(value).map(([key, item]) => {
      const property = properties[key];
      return [key, property === undefined ? item : coerce(item, property)];
    });
    return Object.fromEntries(entries) as unknown;
  }
  if (typeof value === "string" && schema.enum?.includes(value.toLowerCase())) return value.toLowerCase();
  return typeof schema.type === "string" ? coerceScalar(value, schema.type) : value;
}

function coerceScalar(value: unknown, type: string): unknown {
  if (typeof value === "string" && type === "boolean") {
    const word = value.toLowerCase();
    if (["true", "yes", "on"].includes(word)) return true;
    return ["false", "no", "off"].includes(word) ? false : value;
  }
  if (typeof value === "string" && (type === "integer" || type === "number")) {
    return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : value;
  }
  if ((typeof value === "number" || typeof value === "boolean") && type === "string") return String(value);
  return value;
}
