import type { HttpClient } from "../http.ts";
import { expectOk } from "../http.ts";
import { NAMES } from "../templates/event-templates.ts";

/** What we remember of one imported object. Kibana has no place in an object where a mark could stand. */
export interface ObjectRecord {
  /** Digest of the content that we sent. */
  readonly sent: string;
  /** Digest of the content as Kibana gave it back right after: its migrations may have rewritten it. */
  readonly stored: string;
  /** Its `updated_at` right after. Kibana's own migrations don't change that, a user's edit does. */
  readonly updatedAt: string | null;
}

export type ObjectRecords = Readonly<Record<string, ObjectRecord>>;

/**
 * The records are kept in the metadata of a component template that no index uses: it needs no right that installing templates
 * doesn't need. Keys are `space/type:id`.
 */
export async function readRecords(cluster: HttpClient): Promise<ObjectRecords> {
  const answer = await cluster.send("GET", `/_component_template/${NAMES.objects}`);
  if (answer.status !== 200) return {};
  const body = answer.body as {
    component_templates?: readonly { component_template?: { _meta?: { objects?: ObjectRecords } } }[];
  };
  return body.component_templates?.[0]?.component_template?._meta?.objects ?? {};
}

/** Replaces the records; none at all removes the template. */
export async function writeRecords(cluster: HttpClient, records: ObjectRecords): Promise<void> {
  const path = `/_component_template/${NAMES.objects}`;
  if (Object.keys(records).length === 0) {
    await cluster.send("DELETE", path);
    return;
  }
  const body = { template: {}, _meta: { managed_by: "falco-bootstrap", objects: records } };
  expectOk(cluster, await cluster.send("PUT", path, { body }), "remember which saved objects are ours");
}
