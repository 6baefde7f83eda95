import { expectOk, type HttpClient } from "../http.ts";
import { compare, markOf } from "../plan/owned.ts";
import type { Item, ResourceGroup } from "../plan/resource.ts";
import { ACCESS, normalRights, type Rights } from "./access-rights.ts";
import type { Cluster } from "./inspect-cluster.ts";

/** Why there are no roles or keys to be made on this server; null when there are. */
export function accessUnavailable(cluster: Cluster): string | null {
  if (cluster.security) return null;
  if (cluster.flavour === "opensearch") return "on OpenSearch make users in its security plugin";
  return cluster.flavour === "store" ? "the embedded store has no users" : "security is off on this server";
}

/** Roles for people and programs that log in by user name. */
export function roles(client: HttpClient, cluster: Cluster): ResourceGroup {
  const kind = "role";
  const unavailable = accessUnavailable(cluster);
  const rightsOf = (name: string): Rights | undefined => ACCESS.find((entry) => entry.role === name)?.rights;
  return {
    async inspect() {
      const items: Item[] = [];
      for (const { role, rights } of ACCESS) {
        if (unavailable !== null) {
          items.push({ kind, name: role, state: "unavailable", reason: unavailable });
          continue;
        }
        const answer = await client.send("GET", `/_security/role/${role}`);
        const body = answer.status === 404 ? null : expectOk(client, answer, `show the role ${role}`);
        const found = (body as Record<string, Rights & { metadata?: unknown }> | null)?.[role];
        const content = found === undefined ? null : { content: normalRights(found), mark: found.metadata };
        items.push(compare(kind, role, normalRights(rights), content));
      }
      return items;
    },
    async write(items) {
      for (const { name } of items) {
        const rights = rightsOf(name);
        const body = { ...rights, metadata: markOf(normalRights(rights)) };
        expectOk(client, await client.send("PUT", `/_security/role/${name}`, { body }), `take the role ${name}`);
      }
    },
    async remove(items) {
      for (const { name } of items) {
        const answer = await client.send("DELETE", `/_security/role/${name}`);
        if (answer.status !== 404) expectOk(client, answer, `delete the role ${name}`);
      }
    },
  };
}
