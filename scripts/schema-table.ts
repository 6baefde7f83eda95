/** The keywords of a JSON Schema that the table knows. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly default?: unknown;
  readonly description?: string;
}

/** A Markdown table of all keys of a configuration file's schema, nested ones with dots. */
export function schemaTable(schema: JsonSchema): string {
  return `| key | value | default | |\n|---|---|---|---|\n${rows("", schema).join("\n")}\n`;
}

function rows(path: string, schema: JsonSchema): string[] {
  const below = children(schema).flatMap(([name, child]) => rows(joined(path, name), child));
  if (path === "" || (below.length > 0 && schema.description === undefined)) return below;
  const value = below.length > 0 && schema.type === "object" ? "section" : valuesOf(schema);
  const byDefault = schema.default === undefined || value === "section" ? "" : code(JSON.stringify(schema.default));
  return [`| ${code(path)} | ${value} | ${byDefault} | ${cell(schema.description ?? "")} |`, ...below];
}

/** Keys below a schema: its own, those of a list's items (`key[]`), those under any name (`key.NAME`) and of each choice. */
function children(schema: JsonSchema): [string, JsonSchema][] {
  const own = Object.entries(schema.properties ?? {});
  const named = [...Object.values(schema.patternProperties ?? {}), schema.additionalProperties];
  const any = named.flatMap((child): [string, JsonSchema][] =>
    typeof child === "object" && children(child).length > 0 ? [["NAME", child]] : [],
  );
  const items = schema.items === undefined ? [] : children(schema.items).map(([name, child]) => [`[].${name}`, child]);
  const choices = (schema.anyOf ?? []).flatMap(children);
  const seen = new Set<string>();
  return ([...own, ...any, ...items, ...choices] as [string, JsonSchema][])
    .filter(([name, child]) => {
      const key = `${name} ${JSON.stringify(child)}`;
      return !seen.has(key) && seen.add(key);
    })
    .map(([name, child]) => [name, child]);
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}${name.startsWith("[") ? "" : "."}${name}`;
}

function valuesOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(", ");
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(valuesOf))].join(" or ");
  if (schema.type === "array") return `list${schema.items === undefined ? "" : ` of ${valuesOf(schema.items)}`}`;
  return typeof schema.type === "string" ? schema.type : (schema.type ?? ["any"]).join(" or ");
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
