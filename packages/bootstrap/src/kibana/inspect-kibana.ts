import { UserError } from "@falco-efk/kit";
import type { Flavour } from "../cluster/inspect-cluster.ts";
import { type HttpClient, reasonOf } from "../http.ts";

/** Kibana 8.8 and later, OpenSearch Dashboards, or our console, which answers as Kibana does. */
export type KibanaFlavour = "kibana" | "dashboards";

export interface KibanaServer {
  readonly flavour: KibanaFlavour;
  readonly version: string;
}

interface StatusAnswer {
  readonly version?: { readonly number?: string };
  readonly status?: {
    readonly overall?: { readonly level?: string; readonly state?: string; readonly summary?: string };
  };
}

/** The headers that Kibana and OpenSearch Dashboards demand on every request that changes something. */
export const XSRF_HEADERS: Readonly<Record<string, string>> = { "kbn-xsrf": "true", "osd-xsrf": "true" };

/** What keeps Kibana from being used; null when its own status says `available`. A 200 alone doesn't mean that. */
export async function kibanaMissing(client: HttpClient): Promise<string | null> {
  const answer = await client.send("GET", "/api/status");
  const overall = (answer.body as StatusAnswer | null)?.status?.overall;
  const level = overall?.level ?? overall?.state;
  if (level === "available" || level === "green") return null;
  if (level !== undefined) return `Kibana is ${level}${overall?.summary === undefined ? "" : ` (${overall.summary})`}`;
  const space = /\/s\/([^/]+)$/.exec(client.endpoint.url)?.[1];
  if (answer.status === 404 && space !== undefined) {
    throw new UserError(`Kibana has no space ${decodeURIComponent(space)}`, {
      code: "SPACE",
      hint: "make it in Kibana, or give another with --space NAME",
    });
  }
  if (answer.status === 404) {
    throw new UserError(`${client.endpoint.url} isn't Kibana: it has no /api/status`, {
      code: "NOT_KIBANA",
      hint: "give Kibana's address, with its base path if it has one",
    });
  }
  return `Kibana isn't ready (${reasonOf(answer)})`;
}

/** Which Kibana it is. Throws UserError for one whose saved objects have another form than ours. */
export async function inspectKibana(client: HttpClient, cluster: Flavour): Promise<KibanaServer> {
  const answer = await client.send("GET", "/api/status");
  const version = (answer.body as StatusAnswer | null)?.version?.number;
  if (version === undefined) {
    throw new UserError("Kibana doesn't say its version", {
      code: "FORBIDDEN",
      hint: "log in with a user who may use Kibana",
    });
  }
  const flavour: KibanaFlavour =
    answer.headers["osd-name"] !== undefined || cluster === "opensearch" ? "dashboards" : "kibana";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (flavour === "kibana" && (major < 8 || (major === 8 && minor < 8))) {
    throw new UserError(`Kibana ${version} is too old for these saved objects`, {
      code: "VERSION",
      hint: "Kibana 8.8 or later is needed",
    });
  }
  return { flavour, version };
}
