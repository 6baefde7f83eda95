import type { SearchRequest, SearchResponse } from "@falco-efk/elastic";
import type { FieldCapabilities } from "../data/fields.ts";
import type { Json } from "../data/json.ts";
import { call } from "./http.ts";

/** Runs a search through the console's proxy. */
export function search(index: string, body: SearchRequest, signal?: AbortSignal): Promise<SearchResponse<Json>> {
  return call("POST", `/api/console/elastic/${encodeURIComponent(index)}/_search`, body, signal);
}

/** What fields the indices have. */
export async function fetchFieldCapabilities(index: string): Promise<FieldCapabilities> {
  const answer = await call<{ fields: FieldCapabilities }>(
    "POST",
    `/api/console/elastic/${encodeURIComponent(index)}/_field_caps?fields=*`,
    {},
  );
  return answer.fields;
}
