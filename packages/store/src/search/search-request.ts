import { ElasticError, illegalArgument, notSupported, parsingError, shardFailure } from "../errors.ts";
import { durationMs } from "../values/rounding.ts";
import { type FieldRequest, readFieldRequests } from "./hit-fields.ts";
import { readSort, type SortKey } from "./sort.ts";
import { compileSourceFilter, type SourceFilterFunction } from "./source-filter.ts";

/** A search, read and checked as far as that goes without an index. */
export interface ParsedSearch {
  readonly query: unknown;
  readonly postFilter: unknown;
  readonly aggregations: unknown;
  readonly from: number;
  readonly size: number;
  readonly sort: readonly SortKey[];
  readonly after: readonly unknown[] | null;
  /** Count up to so many; Infinity: all; 0: do not count. */
  readonly trackTotal: number;
  readonly source: SourceFilterFunction;
  readonly fields: readonly FieldRequest[];
  readonly version: boolean;
  readonly seqNo: boolean;
  readonly timeoutMs: number | null;
}

const TAKEN = new Set(
  "query post_filter aggs aggregations from size sort search_after track_total_hits _source fields docvalue_fields stored_fields version seq_no_primary_term timeout explain track_scores terminate_after highlight stats min_score runtime_mappings script_fields indices_boost profile ext".split(
    " ",
  ),
);
const KNOWN_ELSEWHERE = new Set(
  "suggest rescore collapse knn pit slice rank retriever min_compatible_shard_node".split(" "),
);
const MAX_WINDOW = 10_000;

/** Reads a `_search` body. Throws `parsing_exception` for keys that no search has. */
export function parseSearch(body: Record<string, unknown>): ParsedSearch {
  for (const key of Object.keys(body)) {
    if (KNOWN_ELSEWHERE.has(key)) {
      throw notSupported(`[${key}] in a search`);
    }
    if (!TAKEN.has(key)) {
      throw parsingError(`Unknown key for a ${kindOf(body[key])} in [${key}].`);
    }
  }
  for (const key of ["runtime_mappings", "script_fields"]) {
    if (body[key] !== undefined && Object.keys(body[key] as object).length > 0) {
      throw notSupported(`[${key}] in a search`);
    }
  }
  if (typeof body.query === "object" && body.query !== null && Object.keys(body.query).length === 0) {
    throw illegalArgument("query malformed, empty clause found");
  }
  const from = count(body.from, 0, "from");
  const size = count(body.size, 10, "size");
  if (from + size > MAX_WINDOW) {
    throw shardFailure(
      illegalArgument(
        `Result window is too large, from + size must be less than or equal to: [${MAX_WINDOW}] but was [${from + size}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.`,
      ),
    );
  }
  const sort = readSort(body.sort);
  const after = body.search_after === undefined ? null : (body.search_after as unknown[]);
  if (after) {
    if (!Array.isArray(after) || sort.length !== after.length) {
      throw shardFailure(
        illegalArgument(
          sort.length === 0
            ? "Sort must contain at least one field."
            : `search_after has ${after.length} value(s) but sort has ${sort.length}.`,
        ),
      );
    }
    if (from > 0) {
      throw new ElasticError(
        400,
        "action_request_validation_exception",
        "Validation Failed: 1: `from` parameter must be set to 0 when `search_after` is used.;",
      );
    }
  }
  return {
    query: body.query,
    postFilter: body.post_filter,
    aggregations: body.aggs ?? body.aggregations,
    from,
    size,
    sort,
    after,
    trackTotal: totalLimit(body.track_total_hits),
    source: compileSourceFilter(body._source ?? (body.stored_fields === "_none_" ? false : undefined)),
    fields: [...readFieldRequests(body.fields), ...readFieldRequests(body.docvalue_fields)],
    version: body.version === true,
    seqNo: body.seq_no_primary_term === true,
    timeoutMs: body.timeout === undefined ? null : durationMs(String(body.timeout), "timeout"),
  };
}

function count(value: unknown, otherwise: number, name: string): number {
  const number = value === undefined || value === null ? otherwise : Number(value);
  if (!Number.isInteger(number) || number < 0) {
    throw illegalArgument(`[${name}] parameter cannot be negative but was [${value}]`);
  }
  return number;
}

function totalLimit(value: unknown): number {
  if (value === undefined || value === null) {
    return 10_000;
  }
  if (value === true || value === "true") {
    return Infinity;
  }
  return value === false || value === "false" ? 0 : Number(value) < 0 ? Infinity : Number(value);
}

function kindOf(value: unknown): string {
  return Array.isArray(value)
    ? "START_ARRAY"
    : typeof value === "object" && value !== null
      ? "START_OBJECT"
      : typeof value === "number"
        ? "VALUE_NUMBER"
        : typeof value === "boolean"
          ? "VALUE_BOOLEAN"
          : "VALUE_STRING";
}
