import type { Reference, SavedObject } from "../data/saved-object.ts";
import { call } from "./http.ts";

/** A data view: an index pattern and the field that holds the time. */
export interface EventView {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly timeFieldName?: string;
}

/** Up to 1000 saved objects of the types, ordered by title. */
export async function findObjects(types: readonly string[]): Promise<readonly SavedObject[]> {
  const query = types.map((type) => `type=${type}`).join("&");
  const answer = await call<{ saved_objects: readonly SavedObject[] }>(
    "GET",
    `/api/saved_objects/_find?per_page=1000&${query}`,
  );
  return answer.saved_objects;
}

export function getObject(type: string, id: string): Promise<SavedObject> {
  return call("GET", path(type, id));
}

/** Writes an object whole; without an id it becomes a new one. */
export function saveObject(object: {
  readonly type: string;
  readonly id: string | null;
  readonly attributes: object;
  readonly references: readonly Reference[];
}): Promise<SavedObject> {
  const { type, id, attributes, references } = object;
  const body = { attributes, references };
  return id === null
    ? call("POST", `/api/saved_objects/${type}`, body)
    : call("POST", `${path(type, id)}?overwrite=true`, body);
}

export function deleteObject(type: string, id: string): Promise<unknown> {
  return call("DELETE", path(type, id));
}

export async function listDataViews(): Promise<readonly EventView[]> {
  return (await call<{ data_view: readonly EventView[] }>("GET", "/api/data_views")).data_view;
}

export async function defaultDataViewId(): Promise<string> {
  return (await call<{ data_view_id: string }>("GET", "/api/data_views/default")).data_view_id;
}

/** The title of an object, its id when it has none. */
export function titleOf(object: SavedObject): string {
  const { title, name } = object.attributes;
  return typeof title === "string" && title !== "" ? title : typeof name === "string" && name !== "" ? name : object.id;
}

function path(type: string, id: string): string {
  return `/api/saved_objects/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
}
