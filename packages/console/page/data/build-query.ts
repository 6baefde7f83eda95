import { type KqlContext, kqlToQuery, parseKql, type Query } from "@falco-efk/elastic";
import type { ResolvedRange } from "../time/date-math.ts";
import { type Filter, filterClauses, type KibanaFilter, rawKibanaClauses } from "./filter.ts";

/** A saved query: KQL (`kuery`) or Lucene's syntax. */
export interface SavedQuery {
  readonly query: string;
  readonly language: string;
}

export interface QueryParts {
  /** KQL as the person typed it. */
  readonly text: string;
  readonly filters: readonly Filter[];
  /** What a saved object brings of its own. */
  readonly saved?: { readonly query: SavedQuery; readonly filters: readonly KibanaFilter[] };
  /** Null leaves time out. */
  readonly time: { readonly field: string; readonly range: ResolvedRange } | null;
}

/** One bool query out of all that limits a view. Throws KqlError for the typed or the saved query. */
export function buildQuery(parts: QueryParts, context: KqlContext): Query {
  const { filter, must_not } = filterClauses(parts.filters);
  const saved = rawKibanaClauses(parts.saved?.filters ?? []);
  const texts = [kqlToQuery(parseKql(parts.text), context), ...savedClauses(parts.saved?.query, context)];
  return {
    bool: {
      filter: [
        ...texts.filter((query) => query.match_all === undefined),
        ...timeClauses(parts),
        ...filter,
        ...saved.filter,
      ],
      must_not: [...must_not, ...saved.must_not],
    },
  };
}

function savedClauses(saved: SavedQuery | undefined, context: KqlContext): Query[] {
  if (saved === undefined || saved.query.trim() === "") return [];
  if (saved.language === "lucene") return [{ query_string: { query: saved.query, analyze_wildcard: true } }];
  return [kqlToQuery(parseKql(saved.query), context)];
}

/** What limits a query to a time; nothing where there is none. */
export function timeClauses({ time }: Pick<QueryParts, "time">): Query[] {
  if (time === null) return [];
  const iso = (ms: number) => new Date(ms).toISOString();
  // `to` holds its whole millisecond: events are kept in nanoseconds.
  const { from, to } = time.range;
  return [{ range: { [time.field]: { gte: iso(from), lt: iso(to + 1), format: "strict_date_optional_time" } } }];
}
