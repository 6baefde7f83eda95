import type { AggregationRequest, Bucket, Query, SearchRequest, SearchResponse } from "@falco-efk/elastic";
import { describeCause, isErrorResponse } from "@falco-efk/elastic";
import { describeSystemError, UserError } from "@falco-efk/kit";
import { Agent, request } from "undici";

/** Where the events are. */
export interface SearchTarget {
  readonly url: string;
  readonly index: string;
  readonly authorization: string | null;
  readonly ca?: string;
  readonly timeoutMs?: number;
}

/** A span of event time, milliseconds: after `from`, up to and including `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface RuleCount {
  readonly rule: string;
  readonly count: number;
}

/** How many events of one group match, and which Falco rules they come from. */
export interface GroupCount {
  readonly group: string;
  readonly count: number;
  readonly topRules: readonly RuleCount[];
}

/** A Falco rule with its first and last event in a span, milliseconds. */
export interface SeenRule {
  readonly rule: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** Reads counts of events. Every method throws UserError (`SEARCH`) with the server's reason. */
export interface EventSearch {
  count(query: Query, span: Span): Promise<GroupCount>;
  /** The groups of `field` with more than `above` events, largest first. */
  groupsAbove(query: Query, span: Span, field: string, above: number): Promise<GroupCount[]>;
  seenRules(query: Query, span: Span): Promise<SeenRule[]>;
  close(): Promise<void>;
}

/** More groups than this in one evaluation are cut off: the largest are told. */
const MOST_GROUPS = 1000;
const TOP_RULES: AggregationRequest = { terms: { field: "rule.keyword", size: 5 } };

/** Opens a search. No request is sent yet. */
export function openEventSearch(target: SearchTarget): EventSearch {
  const timeout = target.timeoutMs ?? 30_000;
  const agent = new Agent({
    headersTimeout: timeout,
    bodyTimeout: timeout,
    connect: { timeout: 10_000, ...(target.ca === undefined ? {} : { ca: target.ca }) },
  });
  const path = `${target.url.replace(/\/+$/, "")}/${encodeURIComponent(target.index)}/_search?ignore_unavailable=true&allow_no_indices=true`;

  const search = async (body: SearchRequest): Promise<SearchResponse> => {
    const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
    if (target.authorization !== null) headers.authorization = target.authorization;
    let status: number;
    let text: string;
    try {
      const answer = await request(path, { method: "POST", headers, body: JSON.stringify(body), dispatcher: agent });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      throw failure(target, `can't be reached: ${describeSystemError(error)}`, error);
    }
    if (status === 401) throw failure(target, "refuses the credentials");
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      throw failure(target, `answers ${status} without JSON`, error);
    }
    if (isErrorResponse(parsed)) throw failure(target, `refuses the search: ${describeCause(parsed.error)}`);
    const response = parsed as SearchResponse;
    // A count of some of the shards would be a wrong count: neither an alert nor its absence may rest on it.
    if (response.timed_out) throw failure(target, "has timed out within the search");
    if (response._shards.failed > 0)
      throw failure(target, `could search only ${response._shards.successful} of ${response._shards.total} shards`);
    return response;
  };

  return {
    async count(query, span) {
      const response = await search({ ...base(query, span), track_total_hits: true, aggs: { top: TOP_RULES } });
      return {
        group: "",
        count: response.hits.total?.value ?? 0,
        topRules: topRules(response.aggregations?.top?.buckets),
      };
    },
    async groupsAbove(query, span, field, above) {
      const terms = { field, size: MOST_GROUPS, min_doc_count: above + 1 };
      const response = await search({ ...base(query, span), aggs: { groups: { terms, aggs: { top: TOP_RULES } } } });
      return list(response.aggregations?.groups?.buckets).map((bucket) => ({
        group: String(bucket.key_as_string ?? bucket.key),
        count: bucket.doc_count,
        topRules: topRules((bucket.top as { buckets?: readonly Bucket[] } | undefined)?.buckets),
      }));
    },
    async seenRules(query, span) {
      const times = { first: { min: { field: "@timestamp" } }, last: { max: { field: "@timestamp" } } };
      const rules = { terms: { field: "rule.keyword", size: 10_000 }, aggs: times };
      const response = await search({ ...base(query, span), aggs: { rules } });
      return list(response.aggregations?.rules?.buckets).map((bucket) => ({
        rule: String(bucket.key),
        count: bucket.doc_count,
        first: (bucket.first as { value: number }).value,
        last: (bucket.last as { value: number }).value,
      }));
    },
    close: () => agent.close(),
  };
}

function base(query: Query, span: Span): SearchRequest {
  const time = { gt: new Date(span.from).toISOString(), lte: new Date(span.to).toISOString() };
  return { size: 0, query: { bool: { filter: [{ range: { "@timestamp": time } }, query] } } };
}

function list(buckets: readonly Bucket[] | Readonly<Record<string, Bucket>> | undefined): readonly Bucket[] {
  return Array.isArray(buckets) ? buckets : [];
}

function topRules(buckets: readonly Bucket[] | Readonly<Record<string, Bucket>> | undefined): RuleCount[] {
  return list(buckets).map((bucket) => ({ rule: String(bucket.key), count: bucket.doc_count }));
}

function failure(target: SearchTarget, message: string, cause?: unknown): UserError {
  return new UserError(`${target.url} ${message}`, { code: "SEARCH", cause });
}
