import { ElasticError } from "../errors.ts";
import type { Field } from "../mapping/field.ts";
import type { IndexMapping } from "../mapping/index-mapping.ts";
import { wildcardPattern } from "../text/wildcard.ts";
import type { Mask } from "./mask.ts";
import type { SegmentView } from "./segment-view.ts";

/** What a query will do with one segment. */
export interface Plan {
  /** About how many documents match: 0 only when none does, Infinity when nothing is known. */
  readonly about: number;
  /** That to find them costs next to nothing. */
  readonly quick?: boolean;
  /** Which documents match. Of a view of a few documents only those need be right. */
  readonly mask: (view: SegmentView) => Mask;
}

/** A compiled query: which documents of a segment match. The mask is the caller's to change. */
export interface Matcher {
  (view: SegmentView): Mask;
  /** Looks up what is quickly known of a segment; absent when that is nothing. */
  readonly plan?: (view: SegmentView) => Plan;
}

/** A plan for a segment without a match. */
export const NOTHING: Plan = { about: 0, mask: () => false };

/** A query that knows before it looks at documents about how many match. */
export function planned(plan: (view: SegmentView) => Plan): Matcher {
  return Object.assign((view: SegmentView) => plan(view).mask(view), { plan });
}

/** What a query will do with a segment. */
export function planOf(matcher: Matcher, view: SegmentView): Plan {
  return matcher.plan?.(view) ?? { about: Infinity, mask: matcher };
}

/** What a query is compiled against. */
export interface QueryContext {
  readonly indexName: string;
  readonly mapping: IndexMapping;
  /** Milliseconds since 1970: one "now" for the whole request. */
  readonly now: number;
}

/** Matches nothing. */
export const matchNone: Matcher = () => false;
/** Matches every document. */
export const matchAll: Matcher = () => true;

/** The field of a path; null when the mapping has none. */
export function fieldOf(context: QueryContext, path: string): Field | null {
  return context.mapping.fields.get(path) ?? null;
}

/** The fields that names and patterns with `*` stand for. */
export function expandFields(context: QueryContext, patterns: readonly string[]): Field[] {
  const found = new Set<Field>();
  for (const pattern of patterns) {
    const name = pattern.replace(/\^[\d.]+$/, "");
    if (!name.includes("*")) {
      const field = fieldOf(context, name);
      if (field) {
        found.add(field);
      }
      continue;
    }
    const { matches } = wildcardPattern(name);
    for (const field of context.mapping.fields.values()) {
      if (matches(field.path)) {
        found.add(field);
      }
    }
  }
  return [...found];
}

/** A query that this index's mapping cannot answer. */
export function queryShardError(context: QueryContext, reason: string): ElasticError {
  return new ElasticError(400, "query_shard_exception", `failed to create query: ${reason}`, {
    index: context.indexName,
  });
}
