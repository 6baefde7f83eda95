import type { Catalog } from "../indices/catalog.ts";
import type { ResolveOptions } from "../indices/resolve-indices.ts";
import type { SearchOptions } from "../search/search.ts";
import type { Guard } from "./guard.ts";
import type { Params } from "./params.ts";

/** What the routes work with. */
export interface HttpContext {
  readonly catalog: Catalog;
  readonly guard: Guard;
  readonly clusterName: string;
  readonly nodeName: string;
  /** Milliseconds that a search may take. */
  readonly searchLimitMs: number;
  readonly now: () => number;
}

/** The version of Elasticsearch that the answers are like. */
export const VERSION = "8.19.0";

/** How a request wants missing indices treated. */
export function resolveOptions(params: Params): ResolveOptions {
  const ignoreUnavailable = params.flag("ignore_unavailable");
  const allowNoIndices = params.flag("allow_no_indices");
  return {
    ...(ignoreUnavailable === undefined ? {} : { ignoreUnavailable }),
    ...(allowNoIndices === undefined ? {} : { allowNoIndices }),
  };
}

/** The same for searches, with their limits. */
export function searchOptions(context: HttpContext, params: Params): SearchOptions {
  return {
    ...resolveOptions(params),
    limitMs: context.searchLimitMs,
    keepParts: params.flag("request_cache") ?? true,
    totalAsInteger: params.flag("rest_total_hits_as_int") ?? false,
  };
}
