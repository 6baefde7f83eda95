import { createHash } from "node:crypto";
import { compileQuery } from "../query/compile.ts";
import type { Matcher, QueryContext } from "../query/context.ts";
import type { SegmentView } from "../query/segment-view.ts";

/** Names what a search asks of one segment; null when its answer must not be kept. */
export type SegmentKey = (view: SegmentView) => string | null;

/** What decides the counts and buckets of a search. */
export interface KeyedRequest {
  readonly query: unknown;
  readonly postFilter: unknown;
  readonly aggregations: unknown;
}

/**
 * Makes the names under which segments keep their part of a search. A range that a segment lies wholly inside of is the
 * same for it as any other such range, so a page that moves its span on asks most segments for what they know.
 */
export function makeSegmentKey(context: QueryContext, request: KeyedRequest): SegmentKey {
  const ranges: { readonly text: string; readonly matcher: Matcher }[] = [];
  const query = takeRanges(request.query, (clause) => {
    ranges.push({ text: JSON.stringify(clause, exact), matcher: compileQuery(context, clause) });
  });
  const rest = JSON.stringify([query, request.postFilter, withoutBounds(request.aggregations)], exact);
  if (isRelative(rest)) {
    return () => null;
  }
  const digest = createHash("sha1").update(rest).digest("base64");
  return (view) => {
    let key = `${digest}${context.mapping.version},${view.segment.deletedCount}`;
    for (const { text, matcher } of ranges) {
      const mask = matcher(view);
      if (typeof mask === "boolean") {
        key += mask ? "+" : "-";
      } else if (isRelative(text)) {
        return null;
      } else {
        key += text;
      }
    }
    return key;
  };
}

/** Puts a mark in the place of each range that all matching documents must be in. */
function takeRanges(query: unknown, take: (clause: object) => void): unknown {
  if (!isObject(query)) {
    return query;
  }
  if (query.range !== undefined) {
    take(query);
    return { range: true };
  }
  if (!isObject(query.bool)) {
    return query;
  }
  const bool: Record<string, unknown> = { ...query.bool };
  for (const name of ["filter", "must"]) {
    const clauses = bool[name];
    const list = Array.isArray(clauses) ? clauses : clauses === undefined ? [] : [clauses];
    bool[name] = list.map((clause) => (isObject(clause) ? takeRanges(clause, take) : clause));
  }
  return { ...query, bool };
}

/** The bounds of a histogram decide which empty buckets are answered, not what is counted. */
function withoutBounds(aggregations: unknown): unknown {
  if (!isObject(aggregations)) {
    return aggregations;
  }
  return Object.fromEntries(
    Object.entries(aggregations).map(([name, one]) => {
      if (!isObject(one)) {
        return [name, one];
      }
      const { aggs, aggregations: inner, ...types } = one;
      const bare = Object.entries(types).map(([type, body]) => {
        if (!/histogram$/.test(type) || !isObject(body)) {
          return [type, body];
        }
        const { extended_bounds: _extended, hard_bounds: _hard, ...kept } = body;
        return [type, kept];
      });
      return [name, { ...Object.fromEntries(bare), aggs: withoutBounds(aggs ?? inner) }];
    }),
  );
}

/** Whether the time of the search may be part of its meaning. */
function isRelative(text: string): boolean {
  return /now/i.test(text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function exact(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `bigint ${value}` : value;
}
