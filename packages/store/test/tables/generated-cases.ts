import { type ConformanceCase, PRIORITIES, searchCase } from "./conformance-documents.ts";

/** Requests made by a generator with a fixed seed: random conditions, combined, with random aggregations. */
export function generated(count: number): ConformanceCase[] {
  let seed = 20261123;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const word = (): string =>
    pick(["etc", "shell", "container", "sensitive", "activities", "bash", "nginx", "pem", "app3", "user1", "read"]);
  const leaf = (): object => {
    switch (random(12)) {
      case 0:
        return { term: { "priority.keyword": pick(PRIORITIES) } };
      case 1:
        return { terms: { code: [`E${random(6)}`, `E${random(9)}`] } };
      case 2:
        return { match: { output: { query: `${word()} ${word()}`, operator: pick(["and", "or"]) } } };
      case 3:
        return { range: { ratio: { [pick(["gt", "gte"])]: random(40) / 8, [pick(["lt", "lte"])]: random(80) / 8 } } };
      case 4:
        return {
          range: {
            "@timestamp": {
              [pick(["gt", "gte"])]: `2026-03-${28 + random(3)}`,
              [pick(["lt", "lte"])]: `2026-03-${29 + random(3)}T0${random(9)}:30`,
            },
          },
        };
      case 5:
        return { exists: { field: pick(["code", "ok", "output_fields.container.name", "nothing", "client"]) } };
      case 6:
        return { wildcard: { "rule.keyword": `*${pick(["e", "in", "shell", "tiv"])}*` } };
      case 7:
        return {
          query_string: {
            query: `${word()} ${pick(["AND", "OR", "AND NOT"])} ${pick(["code", "tags", "rule"])}:${pick(["E1", "host", "t1", "etc", "cont*"])}`,
          },
        };
      case 8:
        return { prefix: { "output_fields.proc.name": pick(["b", "ngi", "py", "s"]) } };
      case 9:
        return { range: { count: { gte: random(200), lt: random(400) } } };
      case 10:
        return {
          match_phrase: {
            output: `${pick(["file", "write below", "shell in", "read sensitive"])} ${pick(["etc", "container", "file", "below etc"])}`,
          },
        };
      default:
        return { term: { client: `10.0.${random(4)}.0/${24 + random(8)}` } };
    }
  };
  const query = (depth: number): object => {
    if (depth === 0 || random(3) === 0) {
      return leaf();
    }
    const clauses = (most: number): object[] => Array.from({ length: random(most + 1) }, () => query(depth - 1));
    return { bool: { must: clauses(1), filter: clauses(2), should: clauses(2), must_not: clauses(1) } };
  };
  const aggregation = (depth: number): object => {
    const inner = depth > 0 && random(2) === 0 ? { aggs: { n: aggregation(depth - 1) } } : {};
    switch (random(8)) {
      case 0:
      case 1:
        return {
          terms: {
            field: pick(["code", "rule.keyword", "tags.keyword", "output_fields.proc.name.keyword", "ok"]),
            size: 1 + random(6),
          },
          ...inner,
        };
      case 2:
        return {
          date_histogram: {
            field: pick(["time", "@timestamp"]),
            fixed_interval: pick(["3h", "12h", "1d", "90m"]),
            time_zone: pick(["UTC", "Europe/Berlin", "-03:30"]),
            min_doc_count: random(2),
          },
          ...inner,
        };
      case 3:
        return {
          date_histogram: {
            field: pick(["time", "@timestamp"]),
            calendar_interval: pick(["hour", "day", "week", "month"]),
            time_zone: pick(["UTC", "America/New_York", "+05:30"]),
          },
          ...inner,
        };
      case 4:
        return { histogram: { field: "ratio", interval: pick([0.5, 1, 2.5]) }, ...inner };
      case 5:
        return { range: { field: "ratio", ranges: [{ to: random(5) }, { from: random(5) }] }, ...inner };
      case 6:
        return { filters: { filters: { one: leaf(), two: leaf() } }, ...inner };
      default:
        return { [pick(["stats", "cardinality", "max", "sum", "value_count"])]: { field: pick(["ratio", "time"]) } };
    }
  };
  return Array.from({ length: count }, (_, n) =>
    searchCase(`generated ${n}`, {
      query: query(2),
      sort: [{ "@timestamp": pick(["asc", "desc"]) }],
      size: random(6),
      _source: false,
      track_total_hits: true,
      ...(random(3) > 0 ? { aggs: { g: aggregation(2) } } : {}),
    }),
  );
}
