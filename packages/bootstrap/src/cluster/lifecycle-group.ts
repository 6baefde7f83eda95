import { expectOk, type HttpClient } from "../http.ts";
import { compare, markOf } from "../plan/owned.ts";
import type { Item, ResourceGroup } from "../plan/resource.ts";
import { removeUnlessUsed } from "../remove-unless-used.ts";
import { NAMES } from "../templates/event-templates.ts";
import type { Cluster } from "./inspect-cluster.ts";

export interface LifecycleOptions {
  /** Days after which an index is deleted. */
  readonly keepDays: number;
  readonly dataStream: boolean;
}

/** The policies by which old events are deleted: ILM, or ISM on OpenSearch. */
export function lifecyclePolicies(client: HttpClient, cluster: Cluster, options: LifecycleOptions): ResourceGroup {
  const names = [NAMES.dayLifecycle, ...(options.dataStream ? [NAMES.streamLifecycle] : [])];
  const kind = "lifecycle policy";
  if (cluster.lifecycle === null) {
    const reason =
      cluster.flavour === "store"
        ? "the embedded store deletes old days itself"
        : "this server has no index lifecycle management; delete old days by a cron job";
    return {
      inspect: async () => names.map((name) => ({ kind, name, state: "unavailable", reason })),
      write: async () => undefined,
      remove: async () => undefined,
    };
  }
  return cluster.lifecycle === "ilm" ? ilm(client, names, kind, options) : ism(client, names, kind, options);
}

function ilm(client: HttpClient, names: readonly string[], kind: string, options: LifecycleOptions): ResourceGroup {
  const policy = (name: string): Record<string, unknown> => ({
    phases: {
      hot: {
        min_age: "0ms",
        actions: name === NAMES.streamLifecycle ? { rollover: { max_age: "1d", max_primary_shard_size: "50gb" } } : {},
      },
      delete: { min_age: `${options.keepDays}d`, actions: { delete: { delete_searchable_snapshot: true } } },
    },
  });
  return {
    async inspect() {
      const items: Item[] = [];
      for (const name of names) {
        const answer = await client.send("GET", `/_ilm/policy/${name}`);
        const body = answer.status === 404 ? null : expectOk(client, answer, `show the ${kind} ${name}`);
        const found = (body as Record<string, { policy: Record<string, unknown> }> | null)?.[name]?.policy;
        const content = found === undefined ? null : { content: { phases: found.phases }, mark: found._meta };
        items.push(compare(kind, name, policy(name), content));
      }
      return items;
    },
    async write(items) {
      for (const { name } of items) {
        const body = { policy: { ...policy(name), _meta: markOf(policy(name)) } };
        expectOk(client, await client.send("PUT", `/_ilm/policy/${name}`, { body }), `take the ${kind} ${name}`);
      }
    },
    remove: (items) => removeUnlessUsed(client, kind, items, (name) => `/_ilm/policy/${name}`),
  };
}

function ism(client: HttpClient, names: readonly string[], kind: string, options: LifecycleOptions): ResourceGroup {
  const policy = (name: string): Record<string, unknown> => ({
    default_state: "hot",
    states: [
      {
        name: "hot",
        actions: name === NAMES.streamLifecycle ? [{ rollover: { min_index_age: "1d", min_size: "50gb" } }] : [],
        transitions: [{ state_name: "delete", conditions: { min_index_age: `${options.keepDays}d` } }],
      },
      { name: "delete", actions: [{ delete: {} }], transitions: [] },
    ],
    ism_template: [
      { index_patterns: [name === NAMES.streamLifecycle ? "falco-events*" : "logstash-*"], priority: 100 },
    ],
  });
  // OpenSearch keeps no metadata with a policy: its description carries the mark.
  const markText = (name: string): string => `falco-bootstrap ${markOf(policy(name)).digest}`;
  const sequence = new Map<string, string>();
  return {
    async inspect() {
      const items: Item[] = [];
      for (const name of names) {
        const answer = await client.send("GET", `/_plugins/_ism/policies/${name}`);
        const body = answer.status === 404 ? null : (expectOk(client, answer, `show the ${kind} ${name}`) as IsmAnswer);
        if (body === null) {
          items.push({ kind, name, state: "absent" });
          continue;
        }
        sequence.set(name, `?if_seq_no=${body._seq_no}&if_primary_term=${body._primary_term}`);
        const [owner, digest] = (body.policy.description ?? "").split(" ");
        const mark = owner === "falco-bootstrap" ? { managed_by: owner, digest } : null;
        items.push(compare(kind, name, policy(name), { content: normalIsm(body.policy), mark }));
      }
      return items;
    },
    async write(items) {
      for (const { name } of items) {
        const path = `/_plugins/_ism/policies/${name}${sequence.get(name) ?? ""}`;
        const body = { policy: { ...policy(name), description: markText(name) } };
        expectOk(client, await client.send("PUT", path, { body }), `take the ${kind} ${name}`);
      }
    },
    remove: (items) => removeUnlessUsed(client, kind, items, (name) => `/_plugins/_ism/policies/${name}`),
  };
}

interface IsmPolicy {
  readonly description?: string;
  readonly default_state?: string;
  readonly states?: readonly {
    name: string;
    actions?: readonly Record<string, unknown>[];
    transitions?: readonly unknown[];
  }[];
  readonly ism_template?: readonly { index_patterns: readonly string[]; priority: number }[];
}
interface IsmAnswer {
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly policy: IsmPolicy;
}

/** Leaves out what OpenSearch adds by itself: retries of an action, times of change. */
function normalIsm(policy: IsmPolicy): unknown {
  return {
    default_state: policy.default_state,
    states: (policy.states ?? []).map((state) => ({
      name: state.name,
      actions: (state.actions ?? []).map(({ retry: _retry, ...action }) =>
        Object.fromEntries(Object.entries(action).map(([key, value]) => [key, normalAction(key, value)])),
      ),
      transitions: state.transitions ?? [],
    })),
    ism_template: (policy.ism_template ?? []).map((entry) => ({
      index_patterns: entry.index_patterns,
      priority: entry.priority,
    })),
  };
}

function normalAction(key: string, value: unknown): unknown {
  if (key !== "rollover" || value === null || typeof value !== "object") return value;
  const { copy_alias: _added, ...rest } = value as Record<string, unknown>;
  return rest;
}
