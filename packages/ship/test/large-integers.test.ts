import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { recordBytes } from "../src/batch.ts";
import { compileProcessors, processBatch } from "../src/processors/chain.ts";
import { parseEvent } from "../src/processors/event.ts";
import { FalcoEnricher } from "../src/processors/falco.ts";
import { batchOf } from "./support/batches.ts";

const TIME = "2026-01-02T03:04:05.123456789Z";
const integer: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
);

/** Chains that each leave `output_fields.n` somewhere, and under which key it must be found as it was written. */
const CHAINS: readonly (readonly [string, readonly unknown[]])[] = [
  ["n", [{ add_tags: { tags: ["a"] } }]],
  ["n", [{ add_fields: { fields: { a: 1 } } }]],
  ["n", [{ add_labels: { labels: { a: "b" } } }, { add_id: null }, { add_locale: null }, { add_host_metadata: null }]],
  ["moved", [{ rename: { fields: [{ from: "output_fields.n", to: "moved" }] } }]],
  ["copied", [{ copy_fields: { fields: [{ from: "output_fields.n", to: "copied" }] } }]],
  [
    "n",
    [
      { copy_fields: { fields: [{ from: "output_fields", to: "copied" }] } },
      { drop_fields: { fields: ["output_fields"] } },
    ],
  ],
  ["n", [{ include_fields: { fields: ["output_fields.n"] } }]],
  ["n", [{ drop_fields: { fields: ["rule"] } }]],
  ["n", [{ fingerprint: { fields: ["output_fields.n"] } }]],
  ["n", [{ convert: { fields: [{ from: "output_fields.n", type: "long" }] } }]],
  ["n", [{ truncate_fields: { fields: ["output_fields.n"], max_characters: 3 } }]],
  ["n", [{ replace: { fields: [{ field: "output_fields.n", pattern: "1", replacement: "2" }] } }]],
  ["inner", [{ decode_json_fields: { fields: ["text"] } }]],
];

test("every processor keeps every digit of an integer", async () => {
  const compiled = CHAINS.map(([key, list]) => [key, compileProcessors(list)] as const);
  await fc.assert(
    fc.asyncProperty(integer, fc.constantFrom(...compiled), async (number, [key, process]) => {
      const line = `{"output_fields":{"n":${number},"list":[${number}]},"rule":"r","text":"{\\"inner\\":${number}}","time":"${TIME}"}\n`;
      const result = recordBytes(await processBatch(batchOf(line), process), 0).toString();
      assert.ok(new RegExp(`"${key}":${number}[,}]`).test(result), result);
    }),
    { numRuns: 2000 },
  );
});

test("the enrichment adds what a parser would, and copies numbers to the last digit", () => {
  const enricher = new FalcoEnricher({ ecs: true, mitre: true, severity: true });
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  const alert = fc.record(
    {
      hostname: text,
      output: text,
      name: fc.option(text),
      priority: fc.constantFrom("Debug", "Warning", "Emergency"),
      tags: fc.array(fc.constantFrom("T1555", "mitre_execution", "container", 'odd "tag"')),
      space: fc.constantFrom("", " "),
      host: fc.boolean(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(alert, integer), { minLength: 1, maxLength: 5 }), (alerts) => {
      const lines = alerts.map(([{ hostname, output, name, priority, tags, space, host }, pid]) => {
        const fields = `"k8s.pod.name":null,${space}"proc.pid":${pid},"proc.name":${JSON.stringify(name)},"x":{"proc.name":"}"}`;
        return `{"hostname":${JSON.stringify(hostname)},${host ? '"host":{"name":"own"},' : ""}"output":${JSON.stringify(output)},"output_fields":${space}{${fields}},"priority":"${priority}","rule":"r","tags":${JSON.stringify(tags)},"time":"${TIME}"}\n`;
      });
      const batch = batchOf(lines.join(""));
      const enriched = enricher.enrich(batch);
      alerts.forEach(([{ hostname, name, tags, host }, pid], at) => {
        const before = recordBytes(batch, at).toString();
        const after = recordBytes(enriched.batch, at).toString();
        assert.ok(after.endsWith(before.slice(1)), "the original stands as it was");
        const event = parseEvent(after);
        assert.deepEqual(event.host, { name: host ? "own" : hostname });
        assert.ok(
          after.includes(`"process":{${name === null ? "" : `"name":${JSON.stringify(name)},`}"pid":${pid}}`),
          after,
        );
        assert.equal(
          "threat" in event,
          tags.some((tag) => tag === "T1555" || tag === "mitre_execution"),
        );
        assert.equal("orchestrator" in event, false);
      });
      enriched.release?.();
    }),
  );
});
