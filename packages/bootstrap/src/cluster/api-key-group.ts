import { UserError } from "@falco-efk/kit";
import { differences } from "../canonical.ts";
import { type Answer, expectOk, type HttpClient, reasonOf } from "../http.ts";
import { readKeystore, updateKeystore } from "../keystore-file.ts";
import type { Item, ResourceGroup } from "../plan/resource.ts";
import { ACCESS, type Access, normalRights, type Rights } from "./access-rights.ts";
import type { Cluster } from "./inspect-cluster.ts";
import { accessUnavailable } from "./role-group.ts";

/**
 * API keys with least rights. Elasticsearch shows a key's secret once, so it goes straight into the keystore file; a key
 * counts as there when the keystore's secret still opens the door with these rights.
 */
export function apiKeys(client: HttpClient, cluster: Cluster, keystore: string): ResourceGroup {
  const kind = "API key";
  const unavailable = accessUnavailable(cluster);
  return {
    async inspect() {
      if (unavailable !== null) {
        return ACCESS.map(({ key }) => ({ kind, name: key, state: "unavailable", reason: unavailable }));
      }
      const secrets = await readKeystore(keystore);
      const items: Item[] = [];
      for (const entry of ACCESS) items.push(await inspectKey(client, kind, entry, secrets[entry.secret], keystore));
      return items;
    },
    async write(items) {
      for (const { name } of items) {
        const entry = ACCESS.find(({ key }) => key === name);
        if (entry === undefined) continue;
        const old = (await readKeystore(keystore))[entry.secret];
        const body = {
          name,
          role_descriptors: { [entry.role]: entry.rights },
          metadata: { managed_by: "falco-bootstrap" },
        };
        const answer = await client.send("POST", "/_security/api_key", { body });
        const made = expectKey(client, answer, name);
        await updateKeystore(keystore, { [entry.secret]: made });
        if (old !== undefined) await invalidate(client, old);
      }
    },
    async remove(items) {
      const secrets = await readKeystore(keystore);
      for (const { name } of items) {
        const entry = ACCESS.find(({ key }) => key === name);
        const secret = entry === undefined ? undefined : secrets[entry.secret];
        if (entry === undefined || secret === undefined) continue;
        await invalidate(client, secret);
        await updateKeystore(keystore, { [entry.secret]: null });
      }
    },
  };
}

async function inspectKey(
  client: HttpClient,
  kind: string,
  entry: Access,
  secret: string | undefined,
  keystore: string,
): Promise<Item> {
  const name = entry.key;
  if (secret === undefined) return { kind, name, state: "absent", reason: `its secret goes into ${keystore}` };
  const login = await client.send("GET", "/_security/_authenticate", { authorization: `ApiKey ${secret}` });
  if (login.status !== 200) {
    return { kind, name, state: "absent", reason: `the one in ${keystore} isn't valid any more` };
  }
  const answer = await client.send("GET", `/_security/api_key?id=${encodeURIComponent(idOf(secret))}`);
  const body = expectOk(client, answer, "show its API keys") as {
    api_keys?: readonly { role_descriptors?: Record<string, Rights> }[];
  };
  const found = normalRights(body.api_keys?.[0]?.role_descriptors?.[entry.role]);
  const list = differences(normalRights(entry.rights), found);
  return list.length === 0 ? { kind, name, state: "same" } : { kind, name, state: "outdated", differences: list };
}

function expectKey(client: HttpClient, answer: Answer, name: string): string {
  if (answer.status === 400 && /derived api key/i.test(reasonOf(answer))) {
    throw new UserError("an API key can't make other API keys", {
      code: "FORBIDDEN",
      hint: "log in with ELASTIC_USER and ELASTIC_PASSWORD instead",
    });
  }
  const body = expectOk(client, answer, `make the API key ${name}`) as {
    id: string;
    api_key: string;
    encoded?: string;
  };
  return body.encoded ?? Buffer.from(`${body.id}:${body.api_key}`).toString("base64");
}

function idOf(secret: string): string {
  return Buffer.from(secret, "base64").toString("utf8").split(":")[0] ?? "";
}

async function invalidate(client: HttpClient, secret: string): Promise<void> {
  const answer = await client.send("DELETE", "/_security/api_key", { body: { ids: [idOf(secret)] } });
  if (answer.status !== 404) expectOk(client, answer, "invalidate the old API key");
}
