/** Aggregations by name. */
export const AGGREGATIONS: Readonly<Record<string, object>> = {
  terms: { a: { terms: { field: "priority.keyword" } } },
  "terms, two of them": { a: { terms: { field: "rule.keyword", size: 2 } } },
  "terms by key": { a: { terms: { field: "rule.keyword", order: { _key: "asc" } } } },
  "terms, fewest first": { a: { terms: { field: "code", order: { _count: "asc" } } } },
  "terms on an array": { a: { terms: { field: "tags.keyword" } } },
  "terms on numbers": { a: { terms: { field: "count", size: 3 } } },
  "terms on fractions": { a: { terms: { field: "ratio", size: 3, order: { _key: "desc" } } } },
  "terms on booleans": { a: { terms: { field: "ok" } } },
  "terms on addresses": { a: { terms: { field: "client", size: 3 } } },
  "terms on dates": { a: { terms: { field: "time", size: 2 } } },
  "terms with missing": { a: { terms: { field: "code", missing: "none" } } },
  "terms, at least seven": { a: { terms: { field: "code", min_doc_count: 7 } } },
  "terms, included by a pattern": { a: { terms: { field: "code", include: "E[0-2]" } } },
  "terms, included and excluded": { a: { terms: { field: "code", include: ["E1", "E2", "E3"], exclude: ["E2"] } } },
  "terms on a text": { a: { terms: { field: "rule" } } },
  "terms on nothing": { a: { terms: { field: "nothing" } } },
  "terms without a field": { a: { terms: {} } },
  "terms, size 0": { a: { terms: { field: "code", size: 0 } } },
  "terms by a metric": {
    a: { terms: { field: "rule.keyword", order: { m: "desc" } }, aggs: { m: { avg: { field: "ratio" } } } },
  },
  "terms by a part of a metric": {
    a: { terms: { field: "rule.keyword", order: { "m.max": "asc" } }, aggs: { m: { stats: { field: "ratio" } } } },
  },
  "terms by an unknown metric": { a: { terms: { field: "rule.keyword", order: { x: "asc" } } } },
  "terms in terms": {
    a: { terms: { field: "rule.keyword" }, aggs: { b: { terms: { field: "tags.keyword", size: 2 } } } },
  },
  "date_histogram, fixed": { a: { date_histogram: { field: "@timestamp", fixed_interval: "6h" } } },
  "date_histogram, an hour": { a: { date_histogram: { field: "time", fixed_interval: "1h", min_doc_count: 1 } } },
  "date_histogram, days": { a: { date_histogram: { field: "time", calendar_interval: "day" } } },
  "date_histogram, days in a zone": {
    a: { date_histogram: { field: "@timestamp", calendar_interval: "1d", time_zone: "Europe/Berlin" } },
  },
  "date_histogram, hours over a clock change": {
    a: { date_histogram: { field: "time", calendar_interval: "1h", time_zone: "Europe/Berlin" } },
  },
  "date_histogram, fixed hours over a clock change": {
    a: { date_histogram: { field: "time", fixed_interval: "12h", time_zone: "Europe/Berlin" } },
  },
  "date_histogram, weeks": { a: { date_histogram: { field: "time", calendar_interval: "week" } } },
  "date_histogram, months": { a: { date_histogram: { field: "time", calendar_interval: "month" } } },
  "date_histogram, an offset": { a: { date_histogram: { field: "time", calendar_interval: "day", offset: "+6h" } } },
  "date_histogram, a format": {
    a: { date_histogram: { field: "time", calendar_interval: "day", format: "yyyy-MM-dd" } },
  },
  "date_histogram, bounds": {
    a: {
      date_histogram: {
        field: "time",
        calendar_interval: "day",
        extended_bounds: { min: "2026-03-26", max: "2026-04-01" },
      },
    },
  },
  "date_histogram, keyed": { a: { date_histogram: { field: "time", calendar_interval: "day", keyed: true } } },
  "date_histogram, newest first": {
    a: { date_histogram: { field: "time", calendar_interval: "day", order: { _key: "desc" } } },
  },
  "date_histogram, no interval": { a: { date_histogram: { field: "time" } } },
  "date_histogram, a strange interval": { a: { date_histogram: { field: "time", fixed_interval: "1M" } } },
  "date_histogram of two days": { a: { date_histogram: { field: "time", calendar_interval: "2d" } } },
  "date_histogram with terms": {
    a: {
      date_histogram: { field: "@timestamp", calendar_interval: "day" },
      aggs: { b: { terms: { field: "priority.keyword" } } },
    },
  },
  "terms with date_histogram": {
    a: {
      terms: { field: "priority.keyword" },
      aggs: { b: { date_histogram: { field: "@timestamp", calendar_interval: "day" } } },
    },
  },
  histogram: { a: { histogram: { field: "ratio", interval: 2 } } },
  "histogram, a fraction": { a: { histogram: { field: "ratio", interval: 0.7, min_doc_count: 1 } } },
  "histogram, bounds": { a: { histogram: { field: "ratio", interval: 2, extended_bounds: { min: -4, max: 8 } } } },
  "histogram, interval 0": { a: { histogram: { field: "ratio", interval: 0 } } },
  range: { a: { range: { field: "ratio", ranges: [{ to: 1 }, { from: 1, to: 3 }, { from: 3 }] } } },
  "range, named": {
    a: {
      range: {
        field: "ratio",
        keyed: true,
        ranges: [
          { key: "low", to: 1.5 },
          { key: "high", from: 1.5 },
        ],
      },
    },
  },
  date_range: { a: { date_range: { field: "time", ranges: [{ to: "2026-03-29" }, { from: "2026-03-29" }] } } },
  "date_range, a format": {
    a: { date_range: { field: "time", format: "yyyy-MM-dd", ranges: [{ from: "2026-03-29", to: "2026-03-30" }] } },
  },
  filter: { a: { filter: { term: { ok: true } }, aggs: { b: { max: { field: "ratio" } } } } },
  filters: { a: { filters: { filters: { yes: { term: { ok: true } }, no: { term: { ok: false } } } } } },
  "filters, a list": { a: { filters: { filters: [{ term: { ok: true } }, { match: { rule: "etc" } }] } } },
  "filters and the rest": { a: { filters: { other_bucket: true, filters: { e1: { term: { code: "E1" } } } } } },
  missing: { a: { missing: { field: "code" } } },
  cardinality: { a: { cardinality: { field: "output_fields.proc.name.keyword" } } },
  "cardinality of numbers": { a: { cardinality: { field: "count" } } },
  "min, max, avg, sum": {
    a: { min: { field: "ratio" } },
    b: { max: { field: "ratio" } },
    c: { avg: { field: "ratio" } },
    d: { sum: { field: "ratio" } },
  },
  stats: { a: { stats: { field: "ratio" } } },
  "stats of nothing": { a: { stats: { field: "nothing" } } },
  value_count: { a: { value_count: { field: "tags.keyword" } } },
  "min and max of dates": { a: { min: { field: "time" } }, b: { max: { field: "@timestamp" } } },
  "a metric of a keyword": { a: { sum: { field: "code" } } },
  "a metric with sub-aggregations": { a: { sum: { field: "ratio" }, aggs: { b: { max: { field: "ratio" } } } } },
  "an unknown aggregation": { a: { nonsense: { field: "x" } } },
  "two types": { a: { min: { field: "ratio" }, max: { field: "ratio" } } },
  "no type": { a: {} },
};
