import type { Json } from "./json.ts";

/** An event as a row: its identity, its source as it was written, and its fields under their full names. */
export interface Hit {
  readonly index: string;
  readonly id: string;
  readonly source: Json;
  readonly fields: ReadonlyMap<string, Json>;
}

interface RawHit {
  readonly _index: string;
  readonly _id: string;
  readonly _source?: Json;
}

/** Reads a hit of a `_search` answer. */
export function readHit(raw: RawHit): Hit {
  const fields = new Map<string, Json>();
  flatten(raw._source ?? {}, "", fields);
  return { index: raw._index, id: raw._id, source: raw._source ?? {}, fields };
}

function flatten(value: Json, path: string, into: Map<string, Json>): void {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) flatten(item, path === "" ? key : `${path}.${key}`, into);
  } else if (path !== "") into.set(path, value);
}

/** A field's value as one text; nothing and null are the empty text. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item: Json) => valueText(item)).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
