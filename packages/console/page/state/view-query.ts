import type { Filter } from "../data/filter.ts";
import type { TimeRange } from "../time/date-math.ts";

/** What Discover and dashboards look at: query, filters, time and refresh, all of it in the URL. */
export interface ViewQuery {
  readonly text: string;
  readonly filters: readonly Filter[];
  readonly time: TimeRange;
  /** Seconds between refreshes; 0 is off. */
  readonly refresh: number;
}

export const DEFAULT_TIME: TimeRange = { from: "now-24h", to: "now" };

/** Reads the state from a URL's query. What makes no sense falls back to its default. */
export function readViewQuery(query: URLSearchParams, defaults: Partial<ViewQuery> = {}): ViewQuery {
  const time = defaults.time ?? DEFAULT_TIME;
  const refresh = query.get("refresh");
  return {
    text: query.get("q") ?? defaults.text ?? "",
    filters: query.has("f") ? readFilters(query.getAll("f")) : (defaults.filters ?? []),
    time: { from: query.get("from") ?? time.from, to: query.get("to") ?? time.to },
    refresh: refresh === null ? (defaults.refresh ?? 0) : Math.max(0, Number.parseInt(refresh, 10) || 0),
  };
}

/** A filter as one short text: `+priority:Warning`, `-rule:…`, `+fd.name?` for exists; `~` in front when it's off. */
export function writeFilter(filter: Filter): string {
  const head = `${filter.disabled ? "~" : ""}${filter.negate ? "-" : "+"}${encodeURIComponent(filter.field)}`;
  return filter.kind === "exists" ? `${head}?` : `${head}:${filter.value}`;
}

/** The filters of a URL; texts that are none are left out. */
export function readFilters(texts: readonly string[]): Filter[] {
  return texts.flatMap((text): Filter[] => {
    const [, off, sign, field, kind, value = ""] = /^(~?)([+-])([^:?]+)([:?])(.*)$/s.exec(text) ?? [];
    if (field === undefined) return [];
    return [
      {
        field: decode(field),
        kind: kind === "?" ? "exists" : "is",
        value,
        negate: sign === "-",
        disabled: off === "~",
      },
    ];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The URL's query with the state's parts changed and all others kept. Filters that were cleared leave an empty mark. */
export function withViewQuery(query: URLSearchParams, change: Partial<ViewQuery>): URLSearchParams {
  const next = new URLSearchParams(query);
  if (change.text !== undefined) next.set("q", change.text);
  if (change.time !== undefined) {
    next.set("from", change.time.from);
    next.set("to", change.time.to);
  }
  if (change.refresh !== undefined) next.set("refresh", String(change.refresh));
  if (change.filters !== undefined) {
    next.delete("f");
    for (const filter of change.filters) next.append("f", writeFilter(filter));
    if (change.filters.length === 0) next.set("f", "");
  }
  if (next.get("q") === "" && change.text === "") next.delete("q");
  return next;
}
