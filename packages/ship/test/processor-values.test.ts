import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { UserError } from "@falco-efk/kit";
import fc from "fast-check";
import { recordBytes, recordTime } from "../src/batch.ts";
import { compileProcessors, processBatch } from "../src/processors/chain.ts";
import { compileGoLayout } from "../src/processors/go-layout.ts";
import { IDLE_CONTEXT, type ProcessorContext } from "../src/processors/processor.ts";
import { batchOf } from "./support/batches.ts";
import { falcoLine } from "./support/falco-lines.ts";

const ORIGIN = { generation: "0".repeat(32), path: "/test" };
type Event = Record<string, unknown>;

function run(processor: Event, event: Event, context: Partial<ProcessorContext> = {}): Event | null {
  const result = compileProcessors([processor], { ...IDLE_CONTEXT, ...context })(event, ORIGIN);
  assert.ok(!(result instanceof Promise));
  return result;
}

function timeOf(layout: string, text: string, more: Event = {}): unknown {
  return run({ timestamp: { field: "t", layouts: [layout], ...more } }, { t: text })?.["@timestamp"];
}

test("a timestamp is read by Go's layouts, with zones, and keeps its nanoseconds", () => {
  const cases = [
    ["2006-01-02T15:04:05Z07:00", "2026-03-04T05:06:07.123456789+02:00", "2026-03-04T03:06:07.123456789Z"],
    ["2006-01-02 15:04:05.000", "2026-03-04 05:06:07.120", "2026-03-04T05:06:07.120Z"],
    ["02/Jan/2006:15:04:05 -0700", "04/Mar/2026:05:06:07 -0130", "2026-03-04T06:36:07.000Z"],
    ["Mon Jan _2 15:04:05 2006", "Wed Mar  4 05:06:07 2026", "2026-03-04T05:06:07.000Z"],
    ["January 2, 2006 3:04 PM", "March 4, 2026 12:06 am", "2026-03-04T00:06:00.000Z"],
    ["06.1.2", "26.3.4", "2026-03-04T00:00:00.000Z"],
    ["2006-002", "2026-063", "2026-03-04T00:00:00.000Z"],
    ["UNIX", "1772600767", "2026-03-04T05:06:07.000Z"],
    ["UNIX", "1772600767.123456789", "2026-03-04T05:06:07.123456789Z"],
    ["UNIX_MS", "1772600767123", "2026-03-04T05:06:07.123Z"],
  ] as const;
  for (const [layout, text, expected] of cases) assert.equal(timeOf(layout, text), expected, `${layout} of ${text}`);
  assert.equal(
    timeOf("2006-01-02 15:04:05", "2026-07-01 12:00:00", { timezone: "Europe/Berlin" }),
    "2026-07-01T10:00:00.000Z",
  );
  assert.equal(
    timeOf("2006-01-02 15:04:05", "2026-01-01 12:00:00", { timezone: "Europe/Berlin" }),
    "2026-01-01T11:00:00.000Z",
  );
  assert.equal(timeOf("2006-01-02 15:04:05", "2026-01-01 12:00:00", { timezone: "-0330" }), "2026-01-01T15:30:00.000Z");
  for (const wrong of ["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "yesterday"]) {
    assert.equal(timeOf("2006-01-02T15:04:05Z07:00", wrong), undefined, wrong);
  }
});

test("a time without a year is of this year", () => {
  const now = (): number => Date.UTC(2031, 5, 1);
  const event = run({ timestamp: { field: "t", layouts: ["Jan _2 15:04:05"] } }, { t: "Mar  4 05:06:07" }, { now });
  assert.equal(event?.["@timestamp"], "2031-03-04T05:06:07.000Z");
});

test("the test values of a timestamp are held against its layouts when the configuration is read", () => {
  const layouts = ["2006-01-02", "UNIX"];
  compileProcessors([{ timestamp: { field: "t", layouts, test: ["2026-03-04", "1772600767"] } }]);
  assert.throws(
    () => compileProcessors([{ timestamp: { field: "t", layouts, test: ["2026-03-04", "4.3.2026"] } }]),
    /4\.3\.2026 fits none of the layouts/,
  );
  assert.throws(
    () => compileProcessors([{ timestamp: { field: "t", layouts, timezone: "Mars" } }]),
    /Mars is no time zone/,
  );
});

test("any text of a layout and any moment written by it are read back", () => {
  const parse = compileGoLayout("2006-01-02 15:04:05.000000000 -0700");
  const two = (value: number): string => String(value).padStart(2, "0");
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true }),
      fc.integer({ min: 0, max: 999_999_999 }),
      (date, nanos) => {
        const iso = date.toISOString();
        const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${String(nanos).padStart(9, "0")} +0000`;
        const parts = parse(text);
        assert.equal(parts?.year, date.getUTCFullYear());
        assert.equal(two(parts?.month ?? 0), iso.slice(5, 7));
        assert.equal(Number(parts?.fraction), nanos);
      },
    ),
  );
  fc.assert(fc.property(fc.string(), fc.string(), (layout, text) => void compileGoLayout(layout)(text)));
});

test("rename, copy and convert leave an event as it was where one of their steps fails, and say so", () => {
  const reasons: string[] = [];
  const context = { trouble: (_: string, message: string) => reasons.push(message), count: () => undefined };
  const fields = [
    { from: "a", to: "b" },
    { from: "gone", to: "c" },
  ];
  assert.deepEqual(run({ rename: { fields } }, { a: 1 }, context), { a: 1 });
  assert.match(reasons[0] ?? "", /there is no field gone; the event goes on as it was/);
  assert.deepEqual(run({ rename: { fields, ignore_missing: true } }, { a: 1 }), { b: 1 });
  assert.deepEqual(run({ rename: { fields, fail_on_error: false } }, { a: 1 }), { b: 1 });
  assert.deepEqual(run({ copy_fields: { fields: [{ from: "a", to: "b" }] } }, { a: 1, b: 2 }), { a: 1, b: 2 });
  const convert = { convert: { mode: "rename", fields: [{ from: "n", to: "m", type: "integer" }] } };
  assert.deepEqual(run(convert, { n: "0x10" }), { m: 16 });
  assert.deepEqual(run(convert, { n: "4294967296" }), { n: "4294967296" }, "does not fit 32 bits");
});

test("bytes are cut between characters, expressions written for Go work, and a fingerprint has no order", () => {
  assert.deepEqual(run({ truncate_fields: { fields: ["m"], max_bytes: 3 } }, { m: "éé" })?.m, "é");
  const pattern = "(?i)user=(?P<who>[[:alpha:]]+)\\-";
  const replace = { replace: { fields: [{ field: "m", pattern, replacement: "${who}/${1}" }] } };
  assert.deepEqual(run(replace, { m: "USER=Bob-7" }), { m: "Bob/Bob7" });
  const hash = (fields: string[]): unknown => run({ fingerprint: { fields } }, { a: 1, b: "x" })?.fingerprint;
  assert.equal(hash(["a", "b"]), hash(["b", "a"]));
  assert.equal(hash(["b", "a"]), createHash("sha256").update("|a|1|b|x|").digest("hex"));
  assert.equal(hash(["a", "gone"]), undefined);
});

test("a dissection appends, pads, skips, converts and marks what does not fit", () => {
  const cut = (tokenizer: string, m: string, more: Event = {}): Event | null =>
    run({ dissect: { tokenizer, field: "m", target_prefix: "", ...more } }, { m });
  assert.deepEqual(cut("%{+when/2} %{+when/1} %{level->} %{?skipped} %{n|integer}", "a b WARN   x 7"), {
    m: "a b WARN   x 7",
    level: "WARN",
    n: 7,
    when: "b a",
  });
  assert.deepEqual(cut("%{*key}=%{&key}", "colour=red"), { m: "colour=red", colour: "red" });
  assert.deepEqual(cut("[%{a}]", "no"), { m: "no", log: { flags: ["dissect_parsing_error"] } });
  assert.throws(() => compileProcessors([{ dissect: { tokenizer: "plain" } }]), /a tokenizer has keys/);
});

test("a rate limit lets a burst through, fills up with time, and counts what it drops by each key", () => {
  let now = 0;
  let dropped = 0;
  const process = compileProcessors([{ rate_limit: { limit: "2/s", fields: ["rule"] } }], {
    ...IDLE_CONTEXT,
    now: () => now,
    count: () => {
      dropped += 1;
    },
  });
  const through = (rule: string): boolean => process({ rule }, ORIGIN) !== null;
  assert.deepEqual([through("a"), through("a"), through("a"), through("b")], [true, true, false, true]);
  now = 500;
  assert.deepEqual([through("a"), through("a")], [true, false]);
  now = 0;
  assert.equal(through("a"), false, "a clock that went back fills nothing");
  assert.equal(dropped, 3);
  assert.throws(() => compileProcessors([{ rate_limit: { limit: "many" } }]), /processors\[0\]|a rate such as/);
});

test("conditions read dotted names as the file has them: nested, dotted, or behind when", () => {
  const event = { output_fields: { "evt.num": 2 }, code: 404, ip: "8.8.8.8", none: "x" };
  const meets = (when: unknown): boolean => run({ drop_event: { when } }, structuredClone(event)) === null;
  assert.ok(meets({ equals: { output_fields: { evt: { num: 2 } } } }));
  assert.ok(!meets({ equals: { output_fields: { evt: { num: 3 } } } }));
  assert.ok(meets({ "not.equals.code": 1 }));
  assert.ok(meets({ range: { code: { gte: 400, lt: 500 } } }));
  assert.ok(meets({ network: { ip: "public" } }));
  assert.ok(!meets({ network: { none: "public" } }));
  assert.equal(run({ "drop_event.when.equals.code": 404 }, { code: 404 }), null);
  assert.throws(
    () => compileProcessors([{ drop_event: { when: { equal: { a: 1 } } } }]),
    (error: UserError) =>
      error.details.hint === "did you mean equals?" && error.details.key === "processors[0].drop_event.when.equal",
  );
});

test("a record whose time was taken out keeps its day, and names cannot reach into the program", () => {
  const process = compileProcessors([{ drop_fields: { fields: ["time"] } }]);
  const batch = batchOf(falcoLine(1));
  const result = processBatch(batch, process);
  assert.ok(!(result instanceof Promise));
  assert.equal(recordTime(result, 0), recordTime(batch, 0));
  assert.equal(JSON.parse(recordBytes(result, 0).toString())["@timestamp"], recordTime(batch, 0));
  run({ add_fields: { target: "", fields: { "__proto__.polluted": 1, "constructor.prototype.polluted": 1 } } }, {});
  assert.equal(({} as Event).polluted, undefined);
});
