import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import { referencePage, referencePages, schemaOf } from "../../scripts/reference-pages.ts";

test("docs/reference is what the programs say of themselves", { timeout: 300_000 }, async () => {
  for (const [name, page] of await referencePages()) {
    const written = readFileSync(referencePage(name), "utf8");
    assert.ok(
      written === page,
      `docs/reference/${name} is out of date: run scripts/run.sh exec scripts/reference-pages.ts`,
    );
  }
});

test("every key of every configuration file is described", () => {
  const keys = readFileSync(referencePage("configuration.md"), "utf8").match(/^\| `.*\|$/gm) ?? [];
  assert.ok(keys.length > 200, `${keys.length} keys`);
  assert.deepEqual(
    keys.filter((row) => /\|\s*\|$/.test(row)),
    [],
  );
});

test("the schemas are JSON Schemas: at a start they are taken to be", async () => {
  for (const name of ["engine", "ship", "alerts"] as const) {
    const ajv = new Ajv();
    assert.ok(ajv.validateSchema(await schemaOf(name)), `${name}: ${ajv.errorsText()}`);
  }
});
