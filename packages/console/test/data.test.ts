import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildQuery } from "../page/data/build-query.ts";
import { toCsv, toNdjson } from "../page/data/csv.ts";
import { type Field, fieldMap, groupableField, readFields } from "../page/data/fields.ts";
import { addFilter, type Filter, fromKibanaFilter, isFilter, toKibanaFilter } from "../page/data/filter.ts";
import { readHit } from "../page/data/hit.ts";
import { parseJson, stringifyJson } from "../page/data/json.ts";
import { safeText, shorten } from "../page/data/safe-text.ts";
import { readFilters, readViewQuery, withViewQuery, writeFilter } from "../page/state/view-query.ts";
import { describeRange, resolveMoment, resolveRange } from "../page/time/date-math.ts";

test("nanoseconds beyond 2^53 keep every digit from the wire to the screen and the export", () => {
  const line = '{"evt.time":1795391523116854935,"n":1.5,"s":"1795391523116854935","e":1e300}';
  assert.equal(
    stringifyJson(parseJson(line)),
    '{"evt.time":1795391523116854935,"n":1.5,"s":"1795391523116854935","e":1e+300}',
  );
  const hit = readHit({ _index: "i", _id: "1", _source: parseJson(line) });
  assert.equal(toNdjson([hit]), `${stringifyJson(parseJson(line))}\n`);
  assert.match(toCsv([hit], ["evt.time"]), /1795391523116854935/);
});

test("JSON is written so that it reads back as the same", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      assert.deepEqual(
        JSON.parse(stringifyJson(parseJson(JSON.stringify(value)), 2)),
        JSON.parse(JSON.stringify(value)),
      ),
    ),
  );
});

test("no character that deceives the eye is left in a shown text", () => {
  assert.equal(safeText("a\u001b[31mb\u202ec\u200bd\u0000"), "a␛[31mb⟨U+202E⟩c⟨U+200B⟩d␀");
  const deceives = (code: number): boolean =>
    (code < 0x20 && code !== 0x09 && code !== 0x0a) ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const character of safeText(text)) assert.ok(!deceives(character.codePointAt(0) ?? 0));
    }),
  );
  assert.deepEqual(shorten("x".repeat(1_048_576), 3), { text: "xxx", length: 1_048_576 });
  assert.deepEqual(shorten("a😀b", 2), { text: "a", length: 4 });
});

test("CSV quotes what must be quoted and disarms formulas", () => {
  const hit = readHit({
    _index: "i",
    _id: "1",
    _source: { a: '=HYPERLINK("x")', b: "1,2\n3", c: -5, d: ["x", "y"], e: null },
  });
  assert.equal(toCsv([hit], ["a", "b", "c", "d", "e"]), 'a,b,c,d,e\r\n"\'=HYPERLINK(""x"")","1,2\n3",-5,"x, y",\r\n');
});

test("nested and dotted keys become the same full names", () => {
  const hit = readHit({
    _index: "i",
    _id: "1",
    _source: { output_fields: { "proc.name": "cat", fd: { name: "/etc/shadow" } }, tags: ["a"] },
  });
  assert.deepEqual([...hit.fields.keys()], ["output_fields.proc.name", "output_fields.fd.name", "tags"]);
});

const anyFilter: fc.Arbitrary<Filter> = fc
  .record(
    {
      field: fc.string({ minLength: 1 }),
      kind: fc.constantFrom("is" as const, "exists" as const),
      value: fc.string(),
      negate: fc.boolean(),
      disabled: fc.boolean(),
    },
    { noNullPrototype: true },
  )
  .map((filter) => (filter.kind === "exists" ? { ...filter, value: "" } : filter));

test("the state in the URL and filters in saved objects come back as they went", () => {
  fc.assert(
    fc.property(fc.array(anyFilter, { minLength: 1, maxLength: 4 }), fc.string(), (filters, text) => {
      assert.deepEqual(readFilters(filters.map(writeFilter)), filters);
      const query = withViewQuery(new URLSearchParams(), {
        filters,
        text,
        time: { from: "now-1h", to: "now" },
        refresh: 5,
      });
      assert.deepEqual(readViewQuery(new URLSearchParams(query.toString())), {
        filters,
        text,
        time: { from: "now-1h", to: "now" },
        refresh: 5,
      });
      for (const filter of filters) assert.deepEqual(fromKibanaFilter(toKibanaFilter(filter, "ref")), filter);
    }),
  );
});

test("filters that a dashboard brings can be cleared in the URL", () => {
  const query = withViewQuery(new URLSearchParams(), { filters: [] });
  assert.deepEqual(readViewQuery(query, { filters: [isFilter("a", "b")] }).filters, []);
});

test("a filter replaces the one that says the opposite", () => {
  const once = addFilter([], isFilter("rule", "a"));
  assert.deepEqual(addFilter(once, isFilter("rule", "a", true)), [isFilter("rule", "a", true)]);
  assert.equal(addFilter(once, isFilter("rule", "b")).length, 2);
});

test("one bool query holds time, typed query, pills and what the saved object brings", () => {
  const query = buildQuery(
    {
      text: "rule: a",
      filters: [isFilter("priority", "Error", true), { ...isFilter("x", "y"), disabled: true }],
      saved: {
        query: { query: "b", language: "lucene" },
        filters: [{ meta: { negate: true }, query: { exists: { field: "z" } } }],
      },
      time: { field: "@timestamp", range: { from: 0, to: 999 } },
    },
    { fields: new Map(), timeZone: "UTC" },
  );
  assert.deepEqual(query, {
    bool: {
      filter: [
        { match: { rule: "a" } },
        { query_string: { query: "b", analyze_wildcard: true } },
        {
          range: {
            "@timestamp": {
              gte: "1970-01-01T00:00:00.000Z",
              lt: "1970-01-01T00:00:01.000Z",
              format: "strict_date_optional_time",
            },
          },
        },
      ],
      must_not: [{ match_phrase: { priority: "Error" } }, { exists: { field: "z" } }],
    },
  });
});

test("date math is read as in Kibana, rounding up at the end of a range", () => {
  const now = new Date(2026, 10, 22, 13, 45, 30, 500).getTime();
  assert.equal(resolveMoment("now-15m", now), now - 900_000);
  assert.equal(resolveMoment("now/d", now), new Date(2026, 10, 22).getTime());
  assert.equal(resolveMoment("now/d", now, true), new Date(2026, 10, 23).getTime() - 1);
  assert.equal(resolveMoment("now-1M/M", now), new Date(2026, 9, 1).getTime());
  assert.equal(resolveMoment("now/w", now), new Date(2026, 10, 16).getTime());
  assert.equal(resolveMoment("2026-11-22T00:00:00Z", now), Date.UTC(2026, 10, 22));
  for (const bad of ["", "yesterday", "now-", "now-5x", "now--5m", "12"])
    assert.equal(resolveMoment(bad, now), null, bad);
  assert.equal(resolveRange({ from: "now", to: "now-1h" }, now), null);
  assert.equal(describeRange({ from: "now-24h", to: "now" }, String), "Last 24 hours");
});

test("fields of indices that disagree can only do what all of them can", () => {
  const list = readFields({
    _id: { _id: { type: "_id", aggregatable: false, metadata_field: true } },
    a: { text: { type: "text", aggregatable: false }, keyword: { type: "keyword", aggregatable: true } },
    rule: { text: { type: "text", aggregatable: false } },
    "rule.keyword": { keyword: { type: "keyword", aggregatable: true } },
    output_fields: { object: { type: "object", aggregatable: false } },
  });
  assert.deepEqual(
    list.map(({ name, groupBy, parent }) => [name, groupBy, parent]),
    [
      ["a", null, null],
      ["rule", "rule.keyword", null],
      ["rule.keyword", "rule.keyword", "rule"],
    ],
  );
});

const field = (name: string, esType: string, groupBy: string = name, parent: string | null = null): Field => ({
  name,
  esType,
  type: "string",
  groupBy,
  parent,
});

test("a saved chart's field is found whether or not the index keeps a keyword beside the text", () => {
  const known = fieldMap([
    field("rule", "text", "rule.keyword"),
    field("rule.keyword", "keyword", "rule.keyword", "rule"),
    field("host", "keyword"),
  ]);
  assert.deepEqual(
    ["rule", "rule.keyword", "host", "host.keyword", "unknown"].map((name) => groupableField(name, known)),
    ["rule.keyword", "rule.keyword", "host", "host", "unknown"],
  );
});
