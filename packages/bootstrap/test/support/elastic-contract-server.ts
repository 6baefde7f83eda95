import {
  type ContractAnswer,
  type ContractRequest,
  type ContractServer,
  type Identity,
  startContractServer,
} from "./contract-server.ts";

export interface ElasticOptions {
  readonly flavour?: "elasticsearch" | "opensearch";
  readonly version?: string;
  readonly licence?: string;
  readonly health?: string;
  /** `Authorization` headers that are let in; undefined lets everyone in. */
  readonly authorizations?: readonly string[];
  readonly lifecycle?: boolean;
  /** Serves https. */
  readonly identity?: Identity;
}

export interface ElasticContract extends ContractServer {
  /** Everything that was stored, by path. */
  readonly stored: Map<string, Record<string, unknown>>;
  readonly keys: Map<string, Record<string, unknown>>;
  /** What can't be deleted, by path, with the server's reason. */
  readonly inUse: Map<string, string>;
  /** A block as the server names it, with the status that it answers writes with; null lifts it. */
  block: { readonly status: number; readonly name: string } | null;
  /** `green`, `yellow` or `red`. */
  health: string;
}

/**
 * Answers as Elasticsearch or OpenSearch does on the paths that bootstrap uses, for what the test distributions lack: ILM, ISM,
 * licences, Watcher. Templates are also held against real servers in test/elasticsearch.
 */
export async function startElasticContract(options: ElasticOptions = {}): Promise<ElasticContract> {
  const opensearch = options.flavour === "opensearch";
  const stored = new Map<string, Record<string, unknown>>();
  const keys = new Map<string, Record<string, unknown>>();
  const inUse = new Map<string, string>();
  const lifecycle = options.lifecycle ?? true;
  const state: Pick<ElasticContract, "block" | "health"> = { block: null, health: options.health ?? "green" };

  const handle = (request: ContractRequest): ContractAnswer => {
    const { method, path } = request;
    const authorization = request.headers.authorization ?? "";
    const key = [...keys.values()].find(({ encoded }) => authorization === `ApiKey ${String(encoded)}`);
    if (options.authorizations !== undefined && key === undefined && !options.authorizations.includes(authorization)) {
      return failure(401, "security_exception", "unable to authenticate user");
    }
    if (path === "/") return { status: 200, body: { cluster_name: "contract", version: rootVersion() } };
    if (path === "/_cluster/health") return { status: 200, body: { status: state.health } };
    if (state.block !== null && method !== "GET")
      return failure(state.block.status, "cluster_block_exception", `blocked by: [${state.block.name}];`);
    if (path === "/_license" && !opensearch)
      return { status: 200, body: { license: { type: options.licence ?? "basic", status: "active" } } };
    if (path === "/_security/_authenticate" && options.authorizations !== undefined)
      return { status: 200, body: { username: "elastic" } };
    if (path === "/_security/api_key") return apiKey(request);
    if (path === "/_ilm/status" && lifecycle && !opensearch)
      return { status: 200, body: { operation_mode: "RUNNING" } };
    if (path === "/_plugins/_ism/policies" && lifecycle && opensearch) return { status: 200, body: { policies: [] } };
    const kind = STORES.find(({ prefix }) => path.startsWith(prefix));
    const absent = kind === undefined || (kind.prefix === "/_ilm/policy/" && (opensearch || !lifecycle));
    if (absent)
      return failure(400, "illegal_argument_exception", `no handler found for uri [${path}] and method [${method}]`);
    return store(kind, path.slice(kind.prefix.length), request);
  };

  const rootVersion = (): Record<string, unknown> =>
    opensearch
      ? { distribution: "opensearch", number: options.version ?? "3.8.0" }
      : { number: options.version ?? "9.5.3", build_flavor: "default" };

  const store = (kind: Store, name: string, request: ContractRequest): ContractAnswer => {
    const key = `${kind.prefix}${name}`;
    if (request.method === "DELETE") {
      const use = inUse.get(key);
      if (use !== undefined) return failure(400, "illegal_argument_exception", use);
      return stored.delete(key)
        ? { status: 200, body: { acknowledged: true } }
        : failure(404, "resource_not_found_exception", `${name} missing`);
    }
    if (request.method === "PUT") {
      const body = request.json() as Record<string, unknown>;
      const equal = kind.prefix === "/_index_template/" ? conflicting(name, body) : null;
      if (equal !== null) return failure(400, "illegal_argument_exception", equal);
      stored.set(key, body);
      return { status: 200, body: { acknowledged: true } };
    }
    const body = stored.get(key);
    return body === undefined
      ? failure(404, "resource_not_found_exception", `${name} missing`)
      : { status: 200, body: kind.show(name, body) };
  };

  const conflicting = (name: string, body: Record<string, unknown>): string | null => {
    for (const [key, other] of stored) {
      if (!key.startsWith("/_index_template/") || key === `/_index_template/${name}`) continue;
      if (other.priority !== body.priority || !overlap(other.index_patterns, body.index_patterns)) continue;
      const rival = key.slice("/_index_template/".length);
      return `index template [${name}] has index patterns [${String(body.index_patterns)}] matching patterns from existing templates [${rival}] with patterns (${rival} => [${String(other.index_patterns)}]) that have the same priority [${String(body.priority)}], multiple index templates may not match during index creation, please use a different priority`;
    }
    return null;
  };

  const apiKey = (request: ContractRequest): ContractAnswer => {
    if (request.method === "POST") {
      const id = `key-${keys.size + 1}`;
      const encoded = Buffer.from(`${id}:secret`).toString("base64");
      keys.set(id, { ...(request.json() as object), id, encoded });
      return { status: 200, body: { id, api_key: "secret", encoded } };
    }
    if (request.method === "DELETE") {
      for (const id of (request.json() as { ids: string[] }).ids) keys.delete(id);
      return { status: 200, body: { invalidated_api_keys: [] } };
    }
    const found = keys.get(request.query.get("id") ?? "");
    return { status: 200, body: { api_keys: found === undefined ? [] : [found] } };
  };

  const server = await startContractServer(
    handle,
    opensearch ? {} : { "x-elastic-product": "Elasticsearch" },
    options.identity,
  );
  return Object.assign(state, { ...server, stored, keys, inUse });
}

interface Store {
  readonly prefix: string;
  show(name: string, body: Record<string, unknown>): unknown;
}

/** Each kind of stored thing with the shape in which it's given back. */
const STORES: readonly Store[] = [
  {
    prefix: "/_component_template/",
    show: (name, body) => ({ component_templates: [{ name, component_template: body }] }),
  },
  { prefix: "/_index_template/", show: (name, body) => ({ index_templates: [{ name, index_template: body }] }) },
  { prefix: "/_ilm/policy/", show: (name, body) => ({ [name]: { version: 1, modified_date: "x", ...body } }) },
  {
    prefix: "/_security/role/",
    show: (name, body) => ({
      [name]: { ...body, applications: [], run_as: [], transient_metadata: { enabled: true } },
    }),
  },
  {
    prefix: "/_watcher/watch/",
    show: (name, { throttle_period, ...watch }) => ({
      found: true,
      _id: name,
      watch: { ...watch, throttle_period_in_millis: Number.parseInt(String(throttle_period), 10) * 60_000 },
    }),
  },
  {
    prefix: "/_plugins/_ism/policies/",
    show: (name, body) => ({
      _id: name,
      _seq_no: 1,
      _primary_term: 1,
      policy: withIsmAdditions(body.policy as IsmBody),
    }),
  },
];

interface IsmBody {
  readonly states: readonly { readonly actions: readonly object[] }[];
}

function withIsmAdditions(policy: IsmBody): unknown {
  const retry = { count: 3, backoff: "exponential", delay: "1m" };
  return {
    ...policy,
    last_updated_time: 1,
    states: policy.states.map((state) => ({
      ...state,
      actions: state.actions.map((action) => ({ retry, ...action })),
    })),
  };
}

function overlap(a: unknown, b: unknown): boolean {
  const stems = (value: unknown): string[] => [value].flat().map((pattern) => String(pattern).replace(/\*.*$/, ""));
  return stems(a).some((left) => stems(b).some((right) => left.startsWith(right) || right.startsWith(left)));
}

function failure(status: number, type: string, reason: string): ContractAnswer {
  return { status, body: { error: { type, reason, root_cause: [{ type, reason }] }, status } };
}
