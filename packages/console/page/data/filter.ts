import type { Query, Scalar } from "@falco-efk/elastic";

/** A filter pill. Beside the query, as in Kibana, so that it can be turned off and around with a click. */
export interface Filter {
  readonly field: string;
  readonly kind: "is" | "exists";
  readonly value: string;
  readonly negate: boolean;
  readonly disabled: boolean;
}

/** A filter as Kibana's saved objects hold it. */
export interface KibanaFilter {
  readonly meta?: {
    readonly negate?: boolean;
    readonly disabled?: boolean;
    readonly key?: string;
    readonly type?: string;
    readonly params?: unknown;
  };
  readonly query?: Query;
  readonly exists?: { readonly field: string };
}

export function isFilter(field: string, value: string, negate = false): Filter {
  return { field, kind: "is", value, negate, disabled: false };
}

/** What a filter asks, negation aside. */
function filterQuery(filter: Filter): Query {
  if (filter.kind === "exists") return { exists: { field: filter.field } };
  return { match_phrase: { [filter.field]: filter.value } };
}

/** The clauses of the filters that are switched on. */
export function filterClauses(filters: readonly Filter[]): { filter: Query[]; must_not: Query[] } {
  const active = filters.filter((filter) => !filter.disabled);
  return {
    filter: active.filter((filter) => !filter.negate).map(filterQuery),
    must_not: active.filter((filter) => filter.negate).map(filterQuery),
  };
}

/** In words, as a pill shows it. */
export function describeFilter(filter: Filter): string {
  const not = filter.negate ? "NOT " : "";
  return filter.kind === "exists" ? `${not}${filter.field} exists` : `${not}${filter.field}: ${filter.value}`;
}

/** Adds a filter; one that says the opposite or the same goes. */
export function addFilter(filters: readonly Filter[], filter: Filter): Filter[] {
  const others = filters.filter(
    ({ field, kind, value }) => field !== filter.field || kind !== filter.kind || value !== filter.value,
  );
  return [...others, filter];
}

/** The filter as a saved object keeps it; `indexRefName` points to the data view among the object's references. */
export function toKibanaFilter(filter: Filter, indexRefName: string): Record<string, unknown> {
  return {
    meta: {
      alias: null,
      negate: filter.negate,
      disabled: filter.disabled,
      type: filter.kind === "exists" ? "exists" : "phrase",
      key: filter.field,
      ...(filter.kind === "is" ? { params: { query: filter.value } } : { value: "exists" }),
      indexRefName,
    },
    query: filterQuery(filter),
    $state: { store: "appState" },
  };
}

/** Reads a saved filter. Null for a kind that has no pill here; `rawKibanaClauses` still applies it. */
export function fromKibanaFilter(filter: KibanaFilter): Filter | null {
  const negate = filter.meta?.negate === true;
  const disabled = filter.meta?.disabled === true;
  const exists = filter.exists?.field ?? filter.query?.exists?.field;
  if (exists !== undefined) return { field: exists, kind: "exists", value: "", negate, disabled };
  const [pair] = Object.entries(filter.query?.match_phrase ?? {});
  if (pair === undefined) return null;
  const value: Scalar = typeof pair[1] === "object" && pair[1] !== null ? pair[1].query : pair[1];
  return { field: pair[0], kind: "is", value: String(value), negate, disabled };
}

/** The clauses of saved filters of any kind. */
export function rawKibanaClauses(filters: readonly KibanaFilter[]): { filter: Query[]; must_not: Query[] } {
  const result: { filter: Query[]; must_not: Query[] } = { filter: [], must_not: [] };
  for (const filter of filters) {
    if (filter.meta?.disabled === true) continue;
    const query = filter.query ?? (filter.exists === undefined ? undefined : { exists: filter.exists });
    if (query !== undefined) result[filter.meta?.negate === true ? "must_not" : "filter"].push(query);
  }
  return result;
}
