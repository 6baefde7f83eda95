import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ROW } from "../src/batch.ts";
import { fromFilebeat } from "../src/config/filebeat.ts";
import { checkConfig } from "../src/index.ts";
import { groupLines, type LineGrouping } from "../src/lines/group-lines.ts";
import { createLineCodec } from "../src/lines/line-codec.ts";
import { createLineTable } from "../src/lines/line-table.ts";
import { type BulkSink, startBulkSink } from "./support/bulk-sink.ts";
import { configFor, startShipper, storedRecords } from "./support/running-shipper.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";

const GROUPING: LineGrouping = {
  type: "pattern",
  pattern: /^\s/u,
  negate: false,
  match: "after",
  flushPattern: null,
  countLines: 1,
  maxLines: 500,
  maxBytes: 1 << 20,
};

/** Groups a text and answers the records, and what is left for later. */
function group(text: string, change: Partial<LineGrouping>, flush = true): { records: string[]; rest: string } {
  const table = createLineTable();
  const split = createLineCodec("utf-8", Buffer.alloc(0)).split(Buffer.from(text), table);
  const { used, data } = groupLines(split, table, { ...GROUPING, ...change }, flush);
  const records = Array.from({ length: table.count }, (_, index) =>
    data.toString("utf8", table.rows[index * ROW.width], table.rows[index * ROW.width + ROW.end]),
  );
  return { records, rest: text.slice(used) };
}

test("lines are grouped by what follows, what precedes, runs, counts and ends", () => {
  const trace = "a\n b\n c\nd\ne\n f\n";
  assert.deepEqual(group(trace, {}).records, ["a\n b\n c", "d", "e\n f"]);
  assert.deepEqual(group(trace, {}, false), { records: ["a\n b\n c", "d"], rest: "e\n f\n" });
  assert.deepEqual(group("x\\\ny\\\nz\nw\n", { pattern: /\\$/u, match: "before" }, false), {
    records: ["x\\\ny\\\nz", "w"],
    rest: "",
  });
  assert.deepEqual(group("[1\nmore\n\n[2\n", { pattern: /^\[/u, negate: true }).records, ["[1\nmore", "[2"]);
  assert.deepEqual(group("1\n2\n3\n4\n5\n", { type: "count", countLines: 2 }, false).records, ["1\n2", "3\n4"]);
  assert.deepEqual(group("a\n-b\n-c\nd\n", { type: "while_pattern", pattern: /^-/u }).records, ["a", "-b\n-c", "d"]);
  assert.deepEqual(group("a\n end\n b\n", { flushPattern: /end/u }).records, ["a\n end", " b"]);
  assert.deepEqual(group("a\n b\n c\n", { maxLines: 2 }).records, ["a\n b", " c"]);
  assert.deepEqual(group("a\n bb\n cc\n", { maxBytes: 6 }).records, ["a\n bb", " cc"]);
});

test("however the bytes come in stretches, the same records come out and none of them is lost", () => {
  const lines = fc.array(fc.constantFrom("a", " b", "-c", "d\\", " end", ""), { maxLength: 40 });
  const change = fc.record<Partial<LineGrouping>>({
    type: fc.constantFrom("pattern", "while_pattern", "count"),
    match: fc.constantFrom("after", "before"),
    negate: fc.boolean(),
    countLines: fc.integer({ min: 1, max: 4 }),
    maxLines: fc.integer({ min: 1, max: 5 }),
    flushPattern: fc.constantFrom(null, /end/u),
  });
  fc.assert(
    fc.property(lines, change, fc.array(fc.integer({ min: 1, max: 40 })), (texts, settings, cuts) => {
      const text = texts.map((line) => `${line}\n`).join("");
      const whole = group(text, settings).records;
      const pieces: string[] = [];
      let from = 0;
      for (let to = 0; to < text.length; ) {
        to = Math.min(text.length, to + (cuts.shift() ?? 40));
        const { records, rest } = group(text.slice(from, to), settings, to === text.length);
        pieces.push(...records);
        from = to - rest.length;
      }
      assert.deepEqual(pieces, whole);
    }),
  );
});

async function shipped(sink: BulkSink, count: number): Promise<Record<string, unknown>[]> {
  await until(
    () => sink.documents.size >= count,
    10_000,
    () => JSON.stringify([...sink.documents.values()]),
  );
  return storedRecords(sink);
}

test("a record of several lines is shipped once when it is whole or stands still, and is cut the same way after a restart", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "events.json");
  const config = configFor(folder.path, sink, { multiline: { pattern: "^[ }]", timeout: "300ms" } });
  writeFileSync(
    path,
    'panic\n at one\n at two\n{\n "rule": "x",\n "time": "2026-01-02T03:04:05Z"\n}\nlast\n at three\n',
  );
  let shipper = await startShipper(config);
  assert.equal((await shipped(sink, 2))[0]?.["message"], "panic\n at one\n at two");
  const [, object, last] = await shipped(sink, 3);
  assert.equal(object?.["rule"], "x");
  assert.equal(object?.["@timestamp"], "2026-01-02T03:04:05.000Z");
  assert.equal(last?.["message"], "last\n at three", "after the time it is taken for whole");
  await shipper.stop();
  appendFileSync(path, " at four\nnext\n");
  shipper = await startShipper(config);
  const records = await shipped(sink, 5);
  await shipper.stop();
  await sink.close();
  assert.deepEqual(
    records.map(({ message }) => message),
    ["panic\n at one\n at two", undefined, "last\n at three", "at four", "next"],
  );
  assert.equal(sink.duplicates, 0);
});

test("wrong settings are told by their key", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const cases = [
    [{ multiline: {} }, /pattern: is missing|is missing for type pattern/],
    [{ multiline: { pattern: "(" } }, /no regular expression/],
    [{ multiline: { type: "count" } }, /missing for type count/],
    [{ encoding: "klingon" }, /klingon is no known encoding/],
    [{ clean_inactive: "1h" }, /would send files again/],
  ] as const;
  for (const [input, reason] of cases) {
    await assert.rejects(startShipper(configFor(folder.path, sink, input)), reason);
  }
  await sink.close();
});

test("a filebeat.yml's parsers and close settings are taken over", () => {
  const parsers = [
    { ndjson: { target: "" } },
    { multiline: { pattern: "^\\[", negate: true, match: "after" } },
    { syslog: {} },
  ];
  const close = { on_state_change: { inactive: "2m", renamed: true, removed: true }, reader: { on_eof: true } };
  const inputs = [{ type: "filestream", paths: ["/a"], parsers, close, harvester_limit: 3 }];
  const { config, dropped } = fromFilebeat({ filebeat: { inputs }, output: { stdout: {} } });
  const [input] = checkConfig(config).inputs;
  assert.equal(input?.multiline?.pattern, "^\\[");
  assert.equal(input?.multiline?.max_lines, 500);
  assert.deepEqual(
    [input?.close_inactive, input?.close_renamed, input?.close_eof, input?.harvester_limit],
    ["2m", true, true, 3],
  );
  assert.deepEqual(dropped, ["filebeat.inputs[0].parsers.syslog", "filebeat.inputs[0].close_removed"]);
});
