/** A request to a server's `_search`, by name. */
export interface Question {
  readonly name: string;
  readonly body: object;
  /** Whose percentiles it is part of: the dashboard's, free text's, or none. */
  readonly kind: "dashboard" | "text" | "other";
}

/**
 * What the dashboard's panels and Discover ask about the day from `start` (ms), and some questions beyond it. `round` moves
 * the end of the span by so many seconds, as a page that refreshes itself does.
 */
export function questions(start: number, round = 0): readonly Question[] {
  const end = new Date(start + 86_400_000 + round * 1000).toISOString();
  const day = (query?: object): object => ({
    bool: {
      must: query ? [query] : [],
      filter: [{ range: { "@timestamp": { gte: new Date(start).toISOString(), lt: end } } }],
    },
  });
  const overTime = (aggs: object = {}): object => ({
    t: {
      date_histogram: { field: "@timestamp", fixed_interval: "30m", extended_bounds: { min: start, max: end } },
      ...aggs,
    },
  });
  const terms = (field: string, size = 10): object => ({ a: { terms: { field, size } } });
  const panel = (aggs: object, query?: object): object => ({ size: 0, query: day(query), aggs });
  const newest = { sort: [{ "@timestamp": "desc" }] };
  const shell = { query_string: { query: "rule:shell AND output_fields.proc.name:bash" } };
  const all: [Question["kind"], string, object][] = [
    ["dashboard", "pie by rule", panel(terms("rule.keyword"))],
    ["dashboard", "pie by priority", panel(terms("priority.keyword"))],
    ["dashboard", "histogram by priority", panel(overTime({ aggs: terms("priority.keyword") }))],
    ["dashboard", "top hosts", panel(terms("hostname.keyword"))],
    ["dashboard", "top containers", panel(terms("output_fields.container.name.keyword"))],
    ["dashboard", "top users", panel(terms("output_fields.user.name.keyword"))],
    ["dashboard", "top processes, filtered", panel(terms("output_fields.proc.name.keyword"), shell)],
    ["dashboard", "newest 20", { size: 20, ...newest, query: day() }],
    ["dashboard", "Discover: histogram", panel(overTime(), shell)],
    ["dashboard", "Discover: newest 50", { size: 50, ...newest, query: day(shell) }],
    [
      "text",
      "free text, two words",
      { size: 50, query: day({ query_string: { query: "key-123 python3", default_operator: "and" } }) },
    ],
    ["text", "free text, a phrase", { size: 50, query: day({ match_phrase: { output: "sensitive file" } }) }],
    ["text", "free text, one rare word", { size: 50, ...newest, query: day({ match: { output: "4321" } }) }],
    ["other", "terms of many values", panel(terms("output_fields.proc.cmdline.keyword"))],
    ["other", "distinct values", panel({ a: { cardinality: { field: "output_fields.proc.cmdline.keyword" } } })],
    ["other", "sorted by command", { size: 10, sort: ["output_fields.proc.cmdline.keyword"], query: day() }],
  ];
  return all.map(([kind, name, body]) => ({ kind, name, body: { ...body, track_total_hits: true } }));
}
