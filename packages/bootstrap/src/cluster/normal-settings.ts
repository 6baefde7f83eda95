/**
 * Index settings as Elasticsearch gives them back: nested under `index`, every leaf a text.
 * Takes any of the spellings that it accepts (`index.codec`, `codec`, `{ index: { codec } }`).
 */
export function normalSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of leaves(settings, [])) {
    const full = path[0] === "index" ? path : ["index", ...path];
    let node = root;
    for (const part of full.slice(0, -1)) {
      node[part] ??= {};
      node = node[part] as Record<string, unknown>;
    }
    node[full.at(-1) as string] = value;
  }
  return root;
}

function* leaves(value: unknown, path: readonly string[]): Generator<[string[], unknown]> {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) yield* leaves(item, [...path, ...key.split(".")]);
    return;
  }
  yield [[...path], Array.isArray(value) ? value.map(String) : String(value)];
}
