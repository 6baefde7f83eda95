import { describeSystemError } from "@falco-efk/kit";
import { request } from "undici";
import type { ElasticClient } from "./elastic/elastic-client.ts";

export interface PipelineUrls {
  /** Any page of the engine's web server, such as `http://127.0.0.1:8765/metrics`; its `/status` is what is read. */
  readonly engineUrl?: string | undefined;
  /** The shipper's figures as JSON, such as `http://127.0.0.1:5066/stats`. */
  readonly shipUrl?: string | undefined;
  /** falco-alert's API, such as `http://127.0.0.1:5602`. */
  readonly alertsUrl?: string | undefined;
}

/** One station of the road: its figures, or why there are none. */
export type Station<T> =
  | { readonly state: "ok"; readonly figures: T }
  | { readonly state: "absent" }
  | { readonly state: "down"; readonly reason: string };

export interface PipelineReport {
  readonly mode: "live" | "replay";
  /** Milliseconds since the epoch, so that the page can turn counters into rates. */
  readonly at: number;
  readonly engine: Station<unknown>;
  readonly ship: Station<unknown>;
  readonly elasticsearch: Station<{ readonly version: string; readonly cluster: string }>;
}

/** Asks each configured station once, all at the same time; none of them may hold up the others for more than 2 s. */
export async function reportPipeline(
  urls: PipelineUrls,
  client: ElasticClient,
  mode: "live" | "replay",
  now: () => number,
): Promise<PipelineReport> {
  const [engine, ship, elasticsearch] = await Promise.all([
    ask(urls.engineUrl, async (url) => JSON.parse(await fetchText(new URL("/status", url).href)) as unknown),
    ask(urls.shipUrl, async (url) => JSON.parse(await fetchText(url)) as unknown),
    ask("elasticsearch", () => elasticInfo(client)),
  ]);
  return { mode, at: now(), engine, ship, elasticsearch };
}

/** The engine's loaded rules, as its `/rules` page lists them. */
export function reportRules(urls: PipelineUrls): Promise<Station<unknown>> {
  return ask(urls.engineUrl, async (url) => JSON.parse(await fetchText(new URL("/rules", url).href)) as unknown);
}

async function ask<T>(url: string | undefined, work: (url: string) => Promise<T>): Promise<Station<T>> {
  if (url === undefined) return { state: "absent" };
  try {
    return { state: "ok", figures: await work(url) };
  } catch (error) {
    return { state: "down", reason: describeSystemError(error) };
  }
}

async function fetchText(url: string): Promise<string> {
  const answer = await request(url, { headersTimeout: 2_000, bodyTimeout: 2_000, signal: AbortSignal.timeout(2_000) });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode}`);
  return text;
}

async function elasticInfo(client: ElasticClient): Promise<{ version: string; cluster: string }> {
  const answer = await client.get("/");
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  const info = JSON.parse(answer.body.toString("utf8")) as { version?: { number?: string }; cluster_name?: string };
  return { version: info.version?.number ?? "unknown", cluster: info.cluster_name ?? "unknown" };
}
