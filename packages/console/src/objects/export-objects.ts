import type { ObjectStore } from "./object-store.ts";
import { objectKey, type SavedObject } from "./saved-object.ts";

export interface ExportRequest {
  readonly type?: string | readonly string[];
  readonly objects?: readonly { readonly type: string; readonly id: string }[];
  readonly includeReferencesDeep?: boolean;
  readonly excludeExportDetails?: boolean;
}

/** The objects asked for that don't exist. */
export class ExportMissingError extends Error {
  readonly missing: readonly { readonly type: string; readonly id: string }[];

  constructor(missing: readonly { readonly type: string; readonly id: string }[]) {
    super(`Error fetching objects to export: ${missing.map(objectKey).join(", ")}`);
    this.name = "ExportMissingError";
    this.missing = missing;
  }
}

/** Kibana's export: one object a line, then a line with counts. Throws ExportMissingError. */
export function exportObjects(store: ObjectStore, request: ExportRequest): string {
  const chosen = new Map<string, SavedObject>();
  const missingReferences = new Map<string, { type: string; id: string }>();
  for (const object of roots(store, request)) {
    collect(store, object, request.includeReferencesDeep === true, chosen, missingReferences);
  }
  // What is referred to goes before what refers to it, as an importer that reads line by line would want it.
  const lines = [...chosen.values()].map((object) => JSON.stringify(object));
  if (request.excludeExportDetails !== true) {
    lines.push(
      JSON.stringify({
        excludedObjects: [],
        excludedObjectsCount: 0,
        exportedCount: chosen.size,
        missingRefCount: missingReferences.size,
        missingReferences: [...missingReferences.values()],
      }),
    );
  }
  return lines.join("\n");
}

function roots(store: ObjectStore, request: ExportRequest): SavedObject[] {
  if (request.objects === undefined) {
    const types = typeof request.type === "string" ? [request.type] : (request.type ?? []);
    return store.all().filter((object) => types.includes("*") || types.includes(object.type));
  }
  const found = request.objects.map((object) => ({ object, stored: store.get(object.type, object.id) }));
  const missing = found.filter(({ stored }) => stored === undefined).map(({ object }) => object);
  if (missing.length > 0) throw new ExportMissingError(missing);
  return found.flatMap(({ stored }) => stored ?? []);
}

function collect(
  store: ObjectStore,
  object: SavedObject,
  deep: boolean,
  chosen: Map<string, SavedObject>,
  missing: Map<string, { type: string; id: string }>,
  path: ReadonlySet<string> = new Set(),
): void {
  const key = objectKey(object);
  if (chosen.has(key) || path.has(key)) return;
  if (deep) {
    const below = new Set([...path, key]);
    for (const { type, id } of object.references) {
      const target = store.get(type, id);
      if (target === undefined) missing.set(objectKey({ type, id }), { type, id });
      else collect(store, target, deep, chosen, missing, below);
    }
  }
  chosen.set(key, object);
}
