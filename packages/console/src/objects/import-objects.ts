import { randomUUID } from "node:crypto";
import type { ObjectStore } from "./object-store.ts";
import {
  objectKey,
  objectMeta,
  SAVED_OBJECT_TYPES,
  type SavedObject,
  type SavedObjectReference,
} from "./saved-object.ts";

export interface ImportOptions {
  readonly overwrite: boolean;
  /** Gives every object a new id, and its references with it. */
  readonly createNewCopies: boolean;
}

/** Kibana's answer to an import: HTTP 200 also when nothing was taken, so `success` must be read. */
export interface ImportAnswer {
  readonly success: boolean;
  readonly successCount: number;
  readonly successResults?: readonly Record<string, unknown>[];
  readonly errors?: readonly ImportFault[];
  readonly warnings: readonly never[];
}

export interface ImportFault {
  readonly type: string;
  readonly id: string;
  readonly title?: string;
  readonly meta: { readonly title?: string; readonly icon?: string };
  readonly error: Readonly<Record<string, unknown>> & { readonly type: string };
}

/** A file that is no export at all; `line` is 1-based. */
export class ImportFileError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = "ImportFileError";
    this.line = line;
  }
}

/** Reads an export's lines. The closing line with the export's counts is skipped. Throws ImportFileError. */
export function parseExport(text: string): SavedObject[] {
  const objects: SavedObject[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new ImportFileError(index + 1, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (value === null || typeof value !== "object") throw new ImportFileError(index + 1, "expected a JSON object");
    if ("exportedCount" in value) continue;
    objects.push(toSavedObject(value as Record<string, unknown>, index + 1));
  }
  return objects;
}

function toSavedObject(value: Record<string, unknown>, line: number): SavedObject {
  const { type, id, attributes, references } = value;
  if (typeof type !== "string" || type === "") throw new ImportFileError(line, "the key type is missing");
  if (typeof id !== "string" || id === "") throw new ImportFileError(line, "the key id is missing");
  if (id.length > 200) throw new ImportFileError(line, "the id is longer than 200 characters");
  if (attributes === null || typeof attributes !== "object" || Array.isArray(attributes)) {
    throw new ImportFileError(line, "the key attributes must be an object");
  }
  return {
    type,
    id,
    attributes: attributes as Record<string, unknown>,
    references: Array.isArray(references) ? references.filter(isReference) : [],
    ...pickText(value, "coreMigrationVersion"),
    ...pickText(value, "typeMigrationVersion"),
    ...pickText(value, "created_at"),
    ...(value.managed === true ? { managed: true } : {}),
  };
}

function isReference(value: unknown): value is SavedObjectReference {
  if (value === null || typeof value !== "object") return false;
  const { name, type, id } = value as Record<string, unknown>;
  return typeof name === "string" && typeof type === "string" && typeof id === "string";
}

function pickText(value: Record<string, unknown>, key: string): Record<string, string> {
  const text = value[key];
  return typeof text === "string" ? { [key]: text } : {};
}

/** Takes the objects of an export into the store, with Kibana's checks: known type, no conflict, no reference to nowhere. */
export async function importObjects(
  store: ObjectStore,
  objects: readonly SavedObject[],
  options: ImportOptions,
): Promise<ImportAnswer> {
  const arriving = new Set(objects.map(objectKey));
  const errors: ImportFault[] = [];
  const taken: SavedObject[] = [];
  for (const object of objects) {
    const fault = findFault(store, object, arriving, options);
    if (fault === null) taken.push(object);
    else
      errors.push({
        type: object.type,
        id: object.id,
        title: objectMeta(object).title,
        meta: objectMeta(object),
        error: fault,
      });
  }
  const newIds = options.createNewCopies ? new Map(taken.map((object) => [objectKey(object), randomUUID()])) : null;
  const results: Record<string, unknown>[] = [];
  for (const object of taken) {
    const destinationId = newIds?.get(objectKey(object));
    const before = store.get(object.type, object.id);
    await store.put(newIds === null ? object : withNewIds(object, newIds));
    results.push({
      type: object.type,
      id: object.id,
      meta: objectMeta(object),
      managed: object.managed ?? false,
      ...(destinationId === undefined ? (before === undefined ? {} : { overwrite: true }) : { destinationId }),
    });
  }
  return {
    success: errors.length === 0,
    successCount: results.length,
    ...(results.length === 0 ? {} : { successResults: results }),
    ...(errors.length === 0 ? {} : { errors }),
    warnings: [],
  };
}

function findFault(
  store: ObjectStore,
  object: SavedObject,
  arriving: ReadonlySet<string>,
  options: ImportOptions,
): ImportFault["error"] | null {
  if (!SAVED_OBJECT_TYPES.includes(object.type)) return { type: "unsupported_type" };
  if (!options.overwrite && !options.createNewCopies && store.get(object.type, object.id) !== undefined) {
    return { type: "conflict" };
  }
  const missing = object.references.filter(
    (reference) =>
      (reference.type === "index-pattern" || reference.type === "search") &&
      !arriving.has(objectKey(reference)) &&
      store.get(reference.type, reference.id) === undefined,
  );
  if (missing.length === 0) return null;
  return { type: "missing_references", references: missing.map(({ type, id }) => ({ type, id })) };
}

function withNewIds(object: SavedObject, ids: ReadonlyMap<string, string>): SavedObject {
  return {
    ...object,
    id: ids.get(objectKey(object)) ?? object.id,
    references: object.references.map((reference) => ({
      ...reference,
      id: ids.get(objectKey(reference)) ?? reference.id,
    })),
  };
}
