/** A request to a server's `_search`, by name. */
export interface Question {
  readonly name: string;
  readonly body: object;
  /** Other words than the dashboard's own: they are not part of its percentiles. */
  readonly extra?: boolean;
}

/** What the dashboard's panels and Discover ask about the day from `start` (ms), and some questions beyond it. */
export function questions(start: number): readonly Question[] {
  const day = (query: object = { match_all: {} }): object => ({
    bool: {
      must: [query],
      filter: [
        {
          range: {
            "@timestamp": { gte: new Date(start).toISOString(), lt: new Date(start + 86_400_000).toISOString() },
          },
        },
      ],
    },
  });
  const overTime = (aggs: object = {}): object => ({
    t: { date_histogram: { field: "@timestamp", fixed_interval: "30m" }, ...aggs },
  });
  const terms = (field: string, size = 10): object => ({ terms: { field, size } });
  const panel = (aggs: object, query?: object): object => ({ size: 0, query: day(query), aggs });
  const shell = { query_string: { query: "rule:shell AND output_fields.proc.name:bash" } };
  return [
    { name: "pie by rule", body: panel({ a: terms("rule.keyword") }) },
    { name: "pie by priority", body: panel({ a: terms("priority.keyword") }) },
    { name: "histogram by priority", body: panel(overTime({ aggs: { p: terms("priority.keyword") } })) },
    { name: "top processes, filtered", body: panel({ a: terms("output_fields.proc.name.keyword") }, shell) },
    { name: "Discover: histogram", body: panel(overTime(), shell) },
    { name: "Discover: newest 50", body: { size: 50, sort: [{ "@timestamp": "desc" }], query: day() } },
    {
      name: "free text, two words",
      body: { size: 50, query: day({ query_string: { query: "key-123 python3", default_operator: "and" } }) },
      extra: true,
    },
    {
      name: "free text, a phrase",
      body: { size: 50, query: day({ match_phrase: { output: "sensitive file" } }) },
      extra: true,
    },
    { name: "terms of many values", body: panel({ a: terms("output_fields.proc.cmdline.keyword") }), extra: true },
    {
      name: "distinct values",
      body: panel({ a: { cardinality: { field: "output_fields.fd.name.keyword" } } }),
      extra: true,
    },
  ];
}
