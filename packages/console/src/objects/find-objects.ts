import type { ObjectStore } from "./object-store.ts";
import { objectTitle, type SavedObject } from "./saved-object.ts";

export interface FindRequest {
  /** No type means every type. */
  readonly types: readonly string[];
  /** Words that the title must hold (any case); `*` at the end of a word is understood, as Kibana's page sends it. */
  readonly search?: string | undefined;
  /** 1-based. */
  readonly page: number;
  readonly perPage: number;
  /** Only objects that refer to this one. */
  readonly hasReference?: { readonly type: string; readonly id: string } | undefined;
}

export interface FindAnswer {
  readonly page: number;
  readonly per_page: number;
  readonly total: number;
  readonly saved_objects: readonly SavedObject[];
}

/** Kibana's `_find`, ordered by title. */
export function findObjects(store: ObjectStore, request: FindRequest): FindAnswer {
  const words = (request.search ?? "")
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/\*+$/, ""))
    .filter((word) => word !== "");
  const matching = store
    .all()
    .filter((object) => request.types.length === 0 || request.types.includes(object.type))
    .filter((object) => words.every((word) => objectTitle(object).toLowerCase().includes(word)))
    .filter((object) => request.hasReference === undefined || refersTo(object, request.hasReference))
    .sort((a, b) => objectTitle(a).localeCompare(objectTitle(b), "en"));
  const start = (request.page - 1) * request.perPage;
  return {
    page: request.page,
    per_page: request.perPage,
    total: matching.length,
    saved_objects: matching.slice(start, start + request.perPage),
  };
}

function refersTo(object: SavedObject, target: { readonly type: string; readonly id: string }): boolean {
  return object.references.some(({ type, id }) => type === target.type && id === target.id);
}
