import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { checkSavedObjects, eventMappings, mappedType, readSavedObjects } from "../src/index.ts";
import { ATTRIBUTES, PANELS, SEARCH_SOURCE, VIS_STATE } from "./support/object-schemas.ts";

const FOLDER = fileURLToPath(new URL("../../../kibana-saved-objects/", import.meta.url));
const sources = readSavedObjects(FOLDER);
const ajv = new Ajv({ strict: false, allErrors: true });

function assertSchema(schema: object, value: unknown, what: string): void {
  const valid = ajv.validate(schema, value);
  assert.ok(valid, `${what}: ${ajv.errorsText()}`);
}

interface VisState {
  readonly type: string;
  readonly aggs: readonly { readonly id: string; readonly type: string; readonly params: Record<string, unknown> }[];
  readonly params: Record<string, unknown>;
}

function visState(id: string): VisState {
  const found = sources.find(({ object }) => object.id === id);
  return JSON.parse(String(found?.object.attributes.visState)) as VisState;
}

/** Every field that an object names: in aggregations, columns, sorts, queries and the data view. */
function fieldsOf(attributes: Readonly<Record<string, unknown>>): string[] {
  const fields: string[] = [];
  if (attributes.timeFieldName !== undefined) fields.push(String(attributes.timeFieldName));
  fields.push(...((attributes.columns as string[] | undefined) ?? []));
  fields.push(...((attributes.sort as string[][] | undefined) ?? []).map((entry) => String(entry[0])));
  if (attributes.visState !== undefined) {
    const { aggs } = JSON.parse(String(attributes.visState)) as VisState;
    fields.push(...aggs.flatMap(({ params }) => (params.field === undefined ? [] : [String(params.field)])));
  }
  const meta = attributes.kibanaSavedObjectMeta as { searchSourceJSON: string } | undefined;
  const query = meta === undefined ? "" : String(JSON.parse(meta.searchSourceJSON).query.query);
  for (const [, field] of query.matchAll(/([\w@.]+)\s*:/g)) fields.push(String(field));
  return fields;
}

/** Falco's output fields that the saved objects use; each stands in output_fields of the default rules. */
const OUTPUT_FIELDS = ["container.id", "container.name", "container.image.repository", "user.name", "proc.cmdline"];

test("every saved object and the JSON inside it follow the schemas", () => {
  checkSavedObjects(sources);
  for (const { object } of sources) {
    const where = `${object.type}:${object.id}`;
    assertSchema(ATTRIBUTES[object.type] ?? (false as unknown as object), object.attributes, where);
    const meta = object.attributes.kibanaSavedObjectMeta as { searchSourceJSON: string } | undefined;
    if (meta !== undefined) assertSchema(SEARCH_SOURCE, JSON.parse(meta.searchSourceJSON), `${where} searchSourceJSON`);
    if (object.type === "visualization")
      assertSchema(VIS_STATE, JSON.parse(String(object.attributes.visState)), `${where} visState`);
    if (object.type === "dashboard")
      assertSchema(PANELS, JSON.parse(String(object.attributes.panelsJSON)), `${where} panelsJSON`);
  }
});

for (const flavour of ["elasticsearch", "opensearch", "store"] as const) {
  test(`every field that the saved objects name is mapped on ${flavour}, and can be grouped by where a chart groups by it`, () => {
    const mappings = eventMappings(flavour);
    const properties = Object.keys(mappings.properties ?? {});
    for (const { object } of sources) {
      for (const field of fieldsOf(object.attributes)) {
        const [head = ""] = field.split(".");
        assert.ok(properties.includes(head), `${object.id} names ${field}, whose ${head} isn't in the template`);
        if (head === "output_fields")
          assert.ok(OUTPUT_FIELDS.includes(field.slice(14)), `${field} is no field of Falco's`);
        assert.notEqual(
          mappedType(mappings, field),
          null,
          `${object.id} names ${field}, which the template doesn't map`,
        );
      }
      if (object.type !== "visualization") continue;
      for (const { type, params } of visState(object.id).aggs) {
        const expected = type === "terms" ? "keyword" : type === "date_histogram" ? "date_nanos" : null;
        if (expected !== null)
          assert.equal(mappedType(mappings, String(params.field)), expected, `${object.id}: ${String(params.field)}`);
      }
    }
  });
}

test("a field that nothing maps is found out", () => {
  const mappings = eventMappings("elasticsearch");
  assert.equal(mappedType(mappings, "priority.keyword"), "keyword");
  assert.equal(mappedType(mappings, "priority.raw"), null);
  assert.equal(mappedType(mappings, "output.keyword"), "keyword");
  assert.equal(mappedType(mappings, "output_fields.evt.num", "long"), "long");
});

test("the pies are the ones of the tutorial: terms on priority.keyword and rule.keyword, labels shown, no donut", () => {
  for (const [id, field] of [
    ["falco-pie-priority", "priority.keyword"],
    ["falco-pie-rule", "rule.keyword"],
  ] as const) {
    const state = visState(id);
    assert.equal(state.type, "pie");
    assert.equal(state.aggs[1]?.type, "terms");
    assert.equal(state.aggs[1]?.params.field, field);
    assert.equal(state.params.isDonut, false);
    assert.equal((state.params.labels as { show: boolean }).show, true);
  }
});

test("the dashboard shows every chart and table, and the latest events", () => {
  const dashboard = sources.find(({ object }) => object.type === "dashboard")?.object;
  const shown = dashboard?.references.map(({ id }) => id) ?? [];
  const charts = sources.filter(({ object }) => object.type === "visualization").map(({ object }) => object.id);
  assert.deepEqual([...shown].sort(), [...charts, "falco-events"].sort());
});

test("the files hold one object a line and end with a line end", () => {
  for (const file of new Set(sources.map((source) => source.file))) {
    const text = readFileSync(file, "utf8");
    assert.ok(text.endsWith("}\n"));
    assert.equal(text.trimEnd().split("\n").length, sources.filter((source) => source.file === file).length);
  }
});
