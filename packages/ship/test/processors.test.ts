import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Batch, FLAG, ROW, recordBytes } from "../src/batch.ts";
import { compileProcessors, processBatch } from "../src/processors/chain.ts";
import { getField, parseEvent } from "../src/processors/event.ts";
import { FalcoEnricher } from "../src/processors/falco.ts";
import { batchOf } from "./support/batches.ts";
import { falcoLine } from "./support/falco-lines.ts";

const ORIGIN = { generation: "0".repeat(32), path: "/test" };

function run(processors: unknown[], event: Record<string, unknown>): Record<string, unknown> | null {
  const result = compileProcessors(processors)(event, ORIGIN);
  assert.ok(!(result instanceof Promise), "nothing has to be looked up");
  return result;
}

function processNow(batch: Batch, processors: unknown[]): Batch {
  const result = processBatch(batch, compileProcessors(processors));
  assert.ok(!(result instanceof Promise), "nothing has to be looked up");
  return result;
}

test("an integer beyond 2^53 keeps its digits through a processor", () => {
  const line = falcoLine(1).replace('"evt.num":1', '"evt.time":1744850154402867700');
  const result = processNow(batchOf(line), [{ add_tags: { tags: ["seen"] } }]);
  const text = recordBytes(result, 0).toString();
  assert.match(text, /"evt\.time":1744850154402867700[,}]/);
  assert.match(text, /"mitre_credential_access","seen"\]/);
});

test("dropped events leave the batch and the others keep their offsets", () => {
  const batch = batchOf(falcoLine(1) + falcoLine(2) + falcoLine(3));
  const result = processNow(batch, [{ drop_event: { when: { equals: { "output_fields.evt.num": 2 } } } }]);
  assert.deepEqual([...result.offsets], [batch.offsets[0], batch.offsets[2]]);
});

test("each processor does what its name says", () => {
  assert.deepEqual(run([{ rename: { fields: [{ from: "a.b", to: "c.d" }] } }], { a: { b: 1 } }), {
    a: {},
    c: { d: 1 },
  });
  assert.deepEqual(
    run([{ drop_fields: { fields: ["output_fields.proc.name"] } }], { output_fields: { "proc.name": "x" } }),
    { output_fields: {} },
  );
  assert.deepEqual(run([{ convert: { fields: [{ from: "n", type: "boolean" }] } }], { n: "true" }), { n: true });
  assert.deepEqual(
    run([{ replace: { fields: [{ field: "m", pattern: "\\d+", replacement: "#" }] } }], { m: "a1b22" }),
    { m: "a#b#" },
  );
  assert.deepEqual(run([{ dissect: { tokenizer: "%{a}: %{b}", field: "m" } }], { m: "x: y" }), {
    m: "x: y",
    dissect: { a: "x", b: "y" },
  });
  assert.deepEqual(run([{ decode_json_fields: { fields: ["m"], target: "" } }], { m: '{"k":1,"m":2}' }), {
    m: '{"k":1,"m":2}',
    k: 1,
  });
  assert.deepEqual(run([{ truncate_fields: { fields: ["m"], max_characters: 2 } }], { m: "abc" }), {
    m: "ab",
    log: { flags: ["truncated"] },
  });
  assert.deepEqual(run([{ timestamp: { field: "t", layouts: ["UNIX"] } }], { t: "1700000000" }), {
    t: "1700000000",
    "@timestamp": "2023-11-14T22:13:20.000Z",
  });
});

test("conditions choose", () => {
  const branch = [
    {
      if: { range: { "code.gte": 400 } },
      // biome-ignore lint/suspicious/noThenProperty: it is what the configuration calls it.
      then: [{ add_labels: { labels: { bad: "yes" } } }],
      else: [{ drop_event: null }],
    },
  ];
  assert.equal(run(branch, { code: 200 }), null);
  assert.deepEqual(run(branch, { code: 500 }), { code: 500, labels: { bad: "yes" } });
  const inside = [
    { drop_event: { when: { and: [{ network: { ip: "private" } }, { not: { regexp: { m: "^keep" } } }] } } },
  ];
  assert.equal(run(inside, { ip: "10.1.2.3", m: "other" }), null);
  assert.notEqual(run(inside, { ip: "10.1.2.3", m: "keep me" }), null);
  assert.notEqual(run(inside, { ip: "8.8.8.8", m: "other" }), null);
});

test("a processor that isn't known is refused with the nearest name", () => {
  assert.throws(() => compileProcessors([{ renam: {} }]), /the processor renam is not known/);
  assert.throws(() => compileProcessors([{ rename: { field: [] } }]), /a list is expected/);
});

test("the Falco enrichment adds beside the originals and changes nothing of them", () => {
  const shared = new URL("../../../../shared/reference/falco-alerts.jsonl", import.meta.url);
  const recorded = existsSync(shared);
  const text = recorded ? readFileSync(shared, "utf8") : falcoLine(1) + falcoLine(2);
  console.log(
    recorded ? "with alerts recorded from a real Falco" : "with made lines; the recorded alerts are not here",
  );
  const batch = batchOf(text);
  const enriched = new FalcoEnricher({ ecs: true, mitre: true, severity: true }).enrich(batch).batch;
  for (let index = 0; index < batch.count; index++) {
    const before = parseEvent(recordBytes(batch, index).toString());
    const after = parseEvent(recordBytes(enriched, index).toString());
    for (const key of Object.keys(before)) assert.equal(JSON.stringify(after[key]), JSON.stringify(before[key]));
    assert.equal(
      getField(after, "event.severity"),
      before.priority === "Warning" ? 4 : before.priority === "Notice" ? 5 : 2,
    );
    assert.equal(getField(after, "host.name"), before.hostname);
    assert.equal(getField(after, "process.name"), getField(before, "output_fields.proc.name") ?? undefined);
    assert.ok(Array.isArray(getField(after, "threat.tactic.id")) || !JSON.stringify(before.tags).includes("mitre_"));
    const row = index * ROW.width;
    const time = enriched.data.toString("latin1", enriched.rows[row + ROW.timeStart], enriched.rows[row + ROW.timeEnd]);
    assert.equal(time, before.time);
    assert.notEqual(enriched.rows[row + ROW.flags], FLAG.odd);
  }
});

test("a record that isn't Falco's stays as it is", () => {
  const batch = batchOf('{"a":1,"time":"2026-01-02T03:04:05.123456789Z"}\n');
  const enriched = new FalcoEnricher({ ecs: true, mitre: true, severity: true }).enrich(batch).batch;
  assert.equal(recordBytes(enriched, 0).toString(), recordBytes(batch, 0).toString());
});
