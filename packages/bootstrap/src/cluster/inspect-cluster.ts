import { UserError } from "@falco-efk/kit";
import { type Answer, expectOk, type HttpClient, pause, reasonOf } from "../http.ts";

/** Who answers at the Elasticsearch address. */
export type Flavour = "elasticsearch" | "opensearch" | "store";

/** What is there, found out before anything is changed. */
export interface Cluster {
  readonly flavour: Flavour;
  readonly version: string;
  readonly name: string;
  /** `basic`, `trial`, `platinum` …; null where there are no licences. */
  readonly licence: string | null;
  readonly health: string;
  /** `ilm`, `ism` (OpenSearch) or null: who can delete old indices. */
  readonly lifecycle: "ilm" | "ism" | null;
  /** Native roles and API keys can be made. */
  readonly security: boolean;
  /** The name of the account we're logged in with, where security is on. */
  readonly user: string | null;
}

/** Says which server it is, what it can and what it's licensed for. Throws UserError for one that is too old or red. */
export async function inspectCluster(client: HttpClient): Promise<Cluster> {
  const root = expectOk(client, await client.send("GET", "/"), "say which version it is") as RootAnswer;
  const number = root?.version?.number;
  if (typeof number !== "string") {
    throw new UserError(`${client.endpoint.url} isn't Elasticsearch: its answer has no version`, {
      code: "NOT_ELASTICSEARCH",
      hint: "give the address of Elasticsearch, not of Kibana or a proxy",
    });
  }
  const flavour = flavourOf(root);
  requireVersion(flavour, number);
  const health = await healthOf(client);
  if (flavour === "store") {
    return {
      flavour,
      version: number,
      name: nameOf(root),
      licence: null,
      health,
      lifecycle: null,
      security: false,
      user: null,
    };
  }
  const authentication = flavour === "elasticsearch" ? await client.send("GET", "/_security/_authenticate") : null;
  const user = (authentication?.body as { username?: unknown } | undefined)?.username;
  return {
    flavour,
    version: number,
    name: nameOf(root),
    licence: flavour === "elasticsearch" ? await licenceOf(client) : null,
    health,
    lifecycle: await lifecycleOf(client, flavour),
    security: authentication?.status === 200,
    user: authentication?.status === 200 && typeof user === "string" ? user : null,
  };
}

interface RootAnswer {
  readonly cluster_name?: string;
  readonly version?: { readonly number?: string; readonly distribution?: string; readonly build_flavor?: string };
}

function nameOf(root: RootAnswer): string {
  return root.cluster_name ?? "unnamed";
}

function flavourOf(root: RootAnswer): Flavour {
  if (root.version?.distribution === "opensearch") return "opensearch";
  return root.version?.build_flavor === "falco-efk" ? "store" : "elasticsearch";
}

function requireVersion(flavour: Flavour, version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough =
    flavour === "opensearch" ? major >= 2 : flavour === "store" || major > 8 || (major === 8 && minor >= 3);
  if (enough) return;
  const wanted = flavour === "opensearch" ? "OpenSearch 2.7" : "Elasticsearch 8.3";
  throw new UserError(`version ${version} is too old`, { code: "VERSION", hint: `${wanted} or later is needed` });
}

async function healthOf(client: HttpClient): Promise<string> {
  const answer = await client.send("GET", "/_cluster/health");
  return String((answer.body as { status?: unknown } | null)?.status ?? "unknown");
}

async function licenceOf(client: HttpClient): Promise<string | null> {
  const answer = await client.send("GET", "/_license");
  const licence = (answer.body as { license?: { type?: string; status?: string } } | null)?.license;
  if (answer.status !== 200 || licence?.type === undefined) return null;
  return licence.status === "expired" ? `${licence.type} (expired)` : licence.type;
}

async function lifecycleOf(client: HttpClient, flavour: Flavour): Promise<"ilm" | "ism" | null> {
  const path = flavour === "opensearch" ? "/_plugins/_ism/policies" : "/_ilm/status";
  const answer = await client.send("GET", path);
  if (answer.status !== 200) return null;
  return flavour === "opensearch" ? "ism" : "ilm";
}

/** How a wait for a server reports: called with what it is waiting for and the seconds so far. */
export type Progress = (waitingFor: string, seconds: number) => void;

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly progress: Progress;
  readonly now: () => number;
  readonly signal?: AbortSignal;
  readonly intervalMs?: number;
}

/**
 * Tries until `ready` answers null; until then its text says what is missing. An unreachable server is waited for, refused
 * credentials are not. Throws the last error, or UserError `NOT_READY`, when the time is over.
 */
export async function waitFor(what: string, ready: () => Promise<string | null>, options: WaitOptions): Promise<void> {
  const started = options.now();
  for (;;) {
    let missing: string | null;
    let failure: unknown;
    try {
      missing = await ready();
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "UNREACHABLE") throw error;
      failure = error;
      missing = `${what} can't be reached yet`;
    }
    if (missing === null) return;
    const waited = options.now() - started;
    if (waited >= options.timeoutMs) {
      if (failure !== undefined) throw failure;
      throw new UserError(`${missing} after ${Math.round(waited / 1000)} s`, {
        code: "NOT_READY",
        hint: `look into ${what}'s own log, or wait longer with --wait SECONDS`,
      });
    }
    options.progress(missing, Math.round(waited / 1000));
    await pause(options.intervalMs ?? 1000, options.signal);
  }
}

/** What keeps Elasticsearch from being used: null when it answers and isn't red. */
export async function clusterMissing(client: HttpClient): Promise<string | null> {
  const answer: Answer = await client.send("GET", "/_cluster/health");
  const status = (answer.body as { status?: unknown } | null)?.status;
  if (answer.status === 403) {
    throw new UserError(`Elasticsearch doesn't show its health: ${reasonOf(answer)}`, {
      code: "FORBIDDEN",
      hint: "use a user with the cluster privilege monitor",
    });
  }
  if (answer.status !== 200) return `Elasticsearch isn't ready (${reasonOf(answer)})`;
  return status === "red" ? "the cluster's health is red" : null;
}
