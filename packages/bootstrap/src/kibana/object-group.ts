import { randomUUID } from "node:crypto";
import { differences, digest } from "../canonical.ts";
import type { HttpClient } from "../http.ts";
import type { Item, ResourceGroup } from "../plan/resource.ts";
import { deleteObject, exportObjects, importObjects } from "./object-api.ts";
import { type ObjectRecord, type ObjectRecords, readRecords, writeRecords } from "./object-record.ts";
import { contentOf, objectKey, type SavedObject } from "./saved-object.ts";

export interface ObjectGroupOptions {
  readonly kibana: HttpClient;
  /** Where the records are kept. */
  readonly cluster: HttpClient;
  /** Kibana's space, `default` unless told otherwise. */
  readonly space: string;
  readonly objects: readonly SavedObject[];
}

const KINDS: Readonly<Record<string, string>> = { "index-pattern": "data view", search: "saved search" };

/** The saved objects, imported in one request so that Kibana sees every reference. */
export function savedObjects(options: ObjectGroupOptions): ResourceGroup {
  const { kibana, cluster, objects } = options;
  const kindOf = (type: string): string => KINDS[type] ?? type;
  const nameOf = (object: SavedObject): string => `${object.id} "${titleOf(object)}"`;
  const chosen = (items: readonly Item[]): SavedObject[] => {
    const names = new Set(items.map(({ name }) => name));
    return objects.filter((object) => names.has(nameOf(object)));
  };
  const recordKey = (object: SavedObject): string => `${options.space}/${objectKey(object)}`;

  return {
    async inspect() {
      const found = await exportObjects(kibana, objects);
      const records = await readRecords(cluster);
      return objects.map((object) => ({
        kind: kindOf(object.type),
        name: nameOf(object),
        ...stateOf(object, found.get(objectKey(object)), records[recordKey(object)]),
      }));
    },
    async write(items) {
      const list = chosen(items);
      if (list.length === 0) return;
      await importObjects(kibana, list, `falco-efk-${randomUUID()}`);
      const stored = await exportObjects(kibana, list);
      const records: Record<string, ObjectRecord> = { ...(await readRecords(cluster)) };
      for (const object of list) {
        const now = stored.get(objectKey(object));
        if (now === undefined) continue;
        records[recordKey(object)] = {
          sent: digest(contentOf(object)),
          stored: digest(contentOf(now)),
          updatedAt: now.updated_at ?? null,
        };
      }
      await writeRecords(cluster, records);
    },
    async remove(items) {
      const list = chosen(items);
      // What refers to others goes first.
      for (const object of [...list].reverse()) await deleteObject(kibana, object);
      const gone = new Set(list.map(recordKey));
      const records: ObjectRecords = await readRecords(cluster);
      await writeRecords(cluster, Object.fromEntries(Object.entries(records).filter(([key]) => !gone.has(key))));
    },
  };
}

function stateOf(
  wanted: SavedObject,
  found: SavedObject | undefined,
  record: ObjectRecord | undefined,
): Pick<Item, "state" | "reason" | "differences"> {
  if (found === undefined) return { state: "absent" };
  const list = differences(contentOf(wanted), contentOf(found), { subset: true });
  if (list.length === 0) return { state: "same" };
  if (record === undefined) {
    return { state: "edited", differences: list, reason: "it was there before and isn't falco-bootstrap's" };
  }
  const sameTime = record.updatedAt !== null && record.updatedAt === found.updated_at;
  if (!sameTime && record.stored !== digest(contentOf(found))) {
    return { state: "edited", differences: list, reason: "somebody has changed it" };
  }
  if (record.sent === digest(contentOf(wanted))) return { state: "same" };
  return { state: "outdated", differences: list, reason: "it is of another version of falco-bootstrap" };
}

function titleOf(object: SavedObject): string {
  return String(object.attributes.title ?? object.id);
}
