import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { type ComparedAnswer, prepareConformance, runCase } from "./conformance-run.ts";
import { openStore } from "./open-store.ts";
import { CONFORMANCE_CASES } from "./tables/conformance-cases.ts";

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures", "conformance-answers.json"), "utf8"),
) as { elasticsearch: string; answers: Record<string, ComparedAnswer> };

test("at least 300 requests are in the table, half of them generated, at most one in twenty known to differ", () => {
  const generated = CONFORMANCE_CASES.filter(({ name }) => name.startsWith("generated"));
  assert.ok(CONFORMANCE_CASES.length >= 300);
  assert.ok(generated.length * 2 >= CONFORMANCE_CASES.length - 10);
  assert.ok(CONFORMANCE_CASES.filter(({ differs }) => differs).length * 20 <= CONFORMANCE_CASES.length);
  assert.equal(new Set(CONFORMANCE_CASES.map(({ name }) => name)).size, CONFORMANCE_CASES.length);
});

for (const unsealedDocuments of [1_000_000, 7]) {
  const where = unsealedDocuments > 1000 ? "from memory" : "from segment files";
  test(`the store answers as a recorded Elasticsearch ${recorded.elasticsearch} does, ${where}`, async (t) => {
    const store = await openStore(t, { unsealedDocuments });
    await prepareConformance(store.url);
    for (const one of CONFORMANCE_CASES) {
      if (one.differs === undefined) {
        await t.test(one.name, async () => {
          assert.deepEqual(await runCase(store.url, one), recorded.answers[one.name]);
        });
      }
    }
  });
}
