import { AGGREGATIONS } from "./aggregation-cases.ts";
import { type ConformanceCase, searchCase } from "./conformance-documents.ts";
import { generated } from "./generated-cases.ts";
import { QUERIES, QUERY_STRINGS } from "./query-cases.ts";
import { SEARCHES } from "./search-cases.ts";

/** Why the store answers a request otherwise. None of them is sent by the console, bootstrap, alerts or Discover. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  "aggregation: terms by an unknown metric": "a real one gives the failure no root cause; the store gives it its type",
  "generated 142": "a real one skips a clause with a mistake when another clause already excludes everything",
};

/** Every request of the table. About half of them are generated. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...Object.entries(QUERIES).map(([name, query]) => searchCase(`query: ${name}`, { query, size: 50, _source: false })),
  ...QUERY_STRINGS.map((query) =>
    searchCase(`query_string: ${query}`, { query: { query_string: { query } }, size: 50, _source: false }),
  ),
  ...["and", "or"].map((default_operator) =>
    searchCase(`query_string with ${default_operator}`, {
      query: { query_string: { query: "shell nginx", default_operator } },
      size: 50,
      _source: false,
    }),
  ),
  ...["shell nginx", '"shell in"', "shell +nginx", "shell | etc", "-shell", "nginx -shell", "cont*", "etc"].map(
    (query) =>
      searchCase(`simple_query_string: ${query}`, {
        query: { simple_query_string: { query, fields: ["output"] } },
        size: 50,
        _source: false,
      }),
  ),
  ...Object.entries(AGGREGATIONS).map(([name, aggs]) => searchCase(`aggregation: ${name}`, { size: 0, aggs })),
  ...Object.entries(SEARCHES).map(([name, body]) => searchCase(`search: ${name}`, body)),
  ...generated(290),
].map((one) => (DIFFERENCES[one.name] === undefined ? one : { ...one, differs: DIFFERENCES[one.name] as string }));
