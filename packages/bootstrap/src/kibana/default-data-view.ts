import { expectOk, type HttpClient } from "../http.ts";
import type { Item, ResourceGroup } from "../plan/resource.ts";
import type { KibanaServer } from "./inspect-kibana.ts";

/** Makes the data view the one that Discover opens with. Another one that a user has chosen is kept. */
export function defaultDataView(client: HttpClient, kibana: KibanaServer, id: string): ResourceGroup {
  const item: Omit<Item, "state"> = { kind: "default data view", name: id };
  const read = async (): Promise<string | null> => {
    if (kibana.flavour === "dashboards") {
      const answer = await client.send("GET", "/api/opensearch-dashboards/settings");
      const body = expectOk(client, answer, "show its settings") as {
        settings?: { defaultIndex?: { userValue?: string } };
      };
      return body.settings?.defaultIndex?.userValue ?? null;
    }
    const answer = await client.send("GET", "/api/data_views/default");
    const body = expectOk(client, answer, "show the default data view") as { data_view_id?: string | null };
    return body.data_view_id ?? null;
  };
  const set = async (value: string | null): Promise<void> => {
    const answer =
      kibana.flavour === "dashboards"
        ? await client.send("POST", "/api/opensearch-dashboards/settings", {
            body: { changes: { defaultIndex: value } },
          })
        : await client.send("POST", "/api/data_views/default", { body: { data_view_id: value, force: true } });
    expectOk(client, answer, "set the default data view");
  };
  return {
    async inspect() {
      const current = await read();
      if (current === null || current === "") return [{ ...item, state: "absent" }];
      if (current === id) return [{ ...item, state: "same" }];
      return [
        {
          ...item,
          state: "edited",
          reason: `the default is another: ${current}`,
          differences: [{ path: "data_view_id", wanted: id, found: current }],
        },
      ];
    },
    write: async (items) => {
      if (items.length > 0) await set(id);
    },
    remove: async (items) => {
      if (items.length > 0 && (await read()) === id) await set(null);
    },
  };
}
