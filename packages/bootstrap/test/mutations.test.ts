import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { checkSavedObjects, readSavedObjects, type SourceObject } from "../src/index.ts";
import { ATTRIBUTES, PANELS, SEARCH_SOURCE, VIS_STATE } from "./support/object-schemas.ts";

const FOLDER = fileURLToPath(new URL("../../../kibana-saved-objects/", import.meta.url));

interface Mutation {
  readonly what: string;
  /** Which object. */
  readonly id: string;
  /** The attribute whose JSON is changed; absent: the object itself. */
  readonly inside?: string;
  readonly path: readonly (string | number)[];
  /** Absent: the value is deleted. */
  readonly value?: unknown;
}

const pie = "falco-pie-rule";
const dashboard = "falco-overview";
const search = "falco-events";

const MUTATIONS: readonly Mutation[] = [
  { what: "a reference to nothing", id: pie, path: ["references", 0, "id"], value: "gone" },
  { what: "a reference under another name", id: pie, path: ["references", 0, "name"], value: "other" },
  { what: "a missing reference", id: pie, path: ["references"], value: [] },
  {
    what: "a reference that nothing uses",
    id: search,
    path: ["references", 1],
    value: { name: "x", type: "index-pattern", id: "logstash" },
  },
  { what: "no type migration version", id: search, path: ["typeMigrationVersion"] },
  { what: "no core migration version", id: "logstash", path: ["coreMigrationVersion"] },
  { what: "an id that is there twice", id: "falco-top-users", path: ["id"], value: "falco-top-hosts" },
  { what: "broken visState", id: pie, path: ["attributes", "visState"], value: "{" },
  { what: "broken panelsJSON", id: dashboard, path: ["attributes", "panelsJSON"], value: "[{]" },
  {
    what: "broken searchSourceJSON",
    id: search,
    path: ["attributes", "kibanaSavedObjectMeta", "searchSourceJSON"],
    value: "no",
  },
  { what: "a stray attribute", id: "logstash", path: ["attributes", "colour"], value: "red" },
  { what: "no title", id: search, path: ["attributes", "title"] },
  { what: "columns that aren't a list", id: search, path: ["attributes", "columns"], value: "rule" },
  { what: "an unknown chart type", id: pie, inside: "visState", path: ["type"], value: "radar" },
  { what: "an unknown aggregation", id: pie, inside: "visState", path: ["aggs", 1, "type"], value: "guess" },
  { what: "an aggregation without a field", id: pie, inside: "visState", path: ["aggs", 1, "params", "field"] },
  { what: "no size of the terms", id: pie, inside: "visState", path: ["aggs", 1, "params", "size"] },
  { what: "panels that overlap", id: dashboard, inside: "panelsJSON", path: [1, "gridData", "y"], value: 0 },
  { what: "a panel wider than the page", id: dashboard, inside: "panelsJSON", path: [0, "gridData", "w"], value: 49 },
  {
    what: "a panel with another grid index",
    id: dashboard,
    inside: "panelsJSON",
    path: [0, "gridData", "i"],
    value: "9",
  },
  { what: "a panel of another type", id: dashboard, inside: "panelsJSON", path: [0, "type"], value: "search" },
];

function setAt(target: unknown, path: readonly (string | number)[], value: unknown): void {
  const parent = path.slice(0, -1).reduce((node, key) => (node as Record<string, unknown>)[key], target);
  const key = path.at(-1) as string;
  if (value === undefined) delete (parent as Record<string, unknown>)[key];
  else (parent as Record<string, unknown>)[key] = value;
}

function mutate(sources: readonly SourceObject[], { id, inside, path, value }: Mutation): void {
  const object = sources.find((source) => source.object.id === id)?.object as unknown as {
    attributes: Record<string, unknown>;
  };
  if (inside === undefined) {
    setAt(object, path, value);
    return;
  }
  const parsed: unknown = JSON.parse(String(object.attributes[inside]));
  setAt(parsed, path, value);
  object.attributes[inside] = JSON.stringify(parsed);
}

/** What the package's tests hold the files against: null when it accepts them. */
function refusal(sources: readonly SourceObject[]): string | null {
  try {
    checkSavedObjects(sources);
  } catch (error) {
    return (error as Error).message;
  }
  const ajv = new Ajv({ strict: false });
  for (const { object } of sources) {
    const checks: [object | undefined, unknown][] = [[ATTRIBUTES[object.type], object.attributes]];
    const meta = object.attributes.kibanaSavedObjectMeta as { searchSourceJSON: string } | undefined;
    if (meta !== undefined) checks.push([SEARCH_SOURCE, JSON.parse(meta.searchSourceJSON)]);
    if (object.type === "visualization") checks.push([VIS_STATE, JSON.parse(String(object.attributes.visState))]);
    if (object.type === "dashboard") checks.push([PANELS, JSON.parse(String(object.attributes.panelsJSON))]);
    for (const [schema, value] of checks) {
      if (schema === undefined || !ajv.validate(schema, value)) return ajv.errorsText();
    }
  }
  return null;
}

test("the objects as they are pass", () => {
  assert.equal(refusal(readSavedObjects(FOLDER)), null);
});

for (const mutation of MUTATIONS) {
  test(`${mutation.what} is refused`, () => {
    const sources = structuredClone(readSavedObjects(FOLDER));
    mutate(sources, mutation);
    assert.notEqual(refusal(sources), null);
  });
}
