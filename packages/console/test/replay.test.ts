import assert from "node:assert/strict";
import { test } from "node:test";
import type { Field } from "../page/data/fields.ts";
import { replayQuery, replayWords } from "../page/replay/replay-query.ts";

const field = (name: string, groupBy: string | null): Field => ({
  name,
  esType: "text",
  type: "string",
  groupBy,
  parent: null,
});

test("a replayed document is one whose top-level mode is REPLAY, to the letter", () => {
  const query = replayQuery([field("mode", "mode.keyword"), field("tags", "tags.keyword")], {
    field: "@timestamp",
    from: 0,
    to: 1_000,
  });
  assert.deepEqual(query?.aggs, { replayed: { filter: { term: { "mode.keyword": "REPLAY" } } } });
  assert.deepEqual(query?.query, {
    range: { "@timestamp": { gte: "1970-01-01T00:00:00.000Z", lte: "1970-01-01T00:00:01.000Z" } },
  });
});

test("without a field mode at the top level nothing is asked, whatever else is called replay", () => {
  assert.equal(replayQuery([field("replay", "replay"), field("output_fields.mode", "output_fields.mode")], null), null);
});

test("the mark says whether all, some or none of the events were replayed", () => {
  assert.equal(replayWords("live", null), null);
  assert.equal(replayWords("live", { replayed: 0, total: 5 }), null);
  assert.match(replayWords("live", { replayed: 2, total: 5 }) ?? "", /^Some events/);
  assert.match(replayWords("live", { replayed: 5, total: 5 }) ?? "", /^All events/);
  assert.match(replayWords("replay", null) ?? "", /^These events come from a recording/);
});
