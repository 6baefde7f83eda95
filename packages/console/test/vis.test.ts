import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import fc from "fast-check";
import {
  addPanel,
  type DashboardModel,
  EMPTY_DASHBOARD,
  placePanel,
  readDashboard,
  writeDashboard,
} from "../page/dashboards/dashboard-model.ts";
import { readVisualization, writeVisualization } from "../page/vis/legacy.ts";
import { readLens } from "../page/vis/lens.ts";
import { chartAggregations } from "../page/vis/request.ts";
import { toRows } from "../page/vis/rows.ts";
import { toSeries } from "../page/vis/series.ts";
import { type Bucketing, type ChartSpec, COUNT, termsOn, timeBuckets } from "../page/vis/spec.ts";
import { readTree } from "../page/vis/tree.ts";

const FOLDER = new URL("../../../kibana-saved-objects/", import.meta.url);
const context = { range: { from: 0, to: 3_600_000 }, timeZone: "UTC" };
const pie: ChartSpec = {
  kind: "pie",
  metrics: [COUNT],
  buckets: [termsOn("priority.keyword")],
  donut: false,
  showLabels: true,
  showLegend: true,
  stacked: true,
  colors: {},
};

interface Shipped {
  readonly type: string;
  readonly id: string;
  readonly attributes: Record<string, unknown>;
  readonly references: { name: string; type: string; id: string }[];
}

async function shipped(): Promise<Shipped[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".ndjson"));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), "utf8")));
  return texts
    .flatMap((text) => text.split("\n").filter((line) => line !== ""))
    .map((line) => JSON.parse(line) as Shipped);
}

test("every shipped visualisation can be read, and every panel of the shipped dashboard is found", async () => {
  const objects = await shipped();
  const charts = objects.filter(({ type }) => type === "visualization");
  assert.ok(charts.length > 0);
  for (const { attributes, id } of charts) assert.ok(readVisualization(attributes).buckets.length > 0, id);
  const [dashboard] = objects.filter(({ type }) => type === "dashboard");
  assert.ok(dashboard !== undefined);
  const model = readDashboard(dashboard);
  assert.equal(model.panels.length, (JSON.parse(String(dashboard.attributes.panelsJSON)) as unknown[]).length);
  for (const { target } of model.panels)
    assert.ok(
      objects.some(({ type, id }) => type === target.type && id === target.id),
      target.id,
    );
});

test("the shipped pies by priority and rule are pies with labels and without a hole", async () => {
  for (const { attributes } of (await shipped()).filter(({ id }) => id.startsWith("falco-pie"))) {
    const spec = readVisualization(attributes);
    assert.deepEqual([spec.kind, spec.donut, spec.showLabels], ["pie", false, true]);
  }
});

const bucketing: fc.Arbitrary<Bucketing> = fc.oneof(
  fc.constantFrom("a.keyword", "b").map((field) => timeBuckets(field, "1h")),
  fc
    .record({
      field: fc.constantFrom("a.keyword", "b"),
      size: fc.integer({ min: 1, max: 50 }),
      descending: fc.boolean(),
      other: fc.constantFrom(null, "Rest"),
      missing: fc.constantFrom(null, "None"),
      include: fc.constantFrom(null, "mitre_.*"),
      key: fc.boolean(),
    })
    .map(
      ({ field, key, ...rest }): Bucketing => ({
        ...termsOn(field),
        ...rest,
        label: `by ${field}`,
        orderBy: key ? "key" : 0,
      }),
    ),
);

test("a chart that is saved and read again is the same chart", () => {
  const spec: fc.Arbitrary<ChartSpec> = fc
    .record({
      kind: fc.constantFrom(
        "pie" as const,
        "bar" as const,
        "horizontal_bar" as const,
        "line" as const,
        "area" as const,
        "table" as const,
      ),
      buckets: fc.array(bucketing, { maxLength: 3 }),
      sum: fc.boolean(),
      showLabels: fc.boolean(),
      showLegend: fc.boolean(),
      flag: fc.boolean(),
    })
    .map(({ kind, buckets, sum, showLabels, showLegend, flag }) => ({
      kind,
      metrics: sum ? [{ operation: "sum", field: "n", label: "Sum of n" }] : [COUNT],
      buckets,
      donut: kind === "pie" && flag,
      showLabels: kind === "table" ? false : showLabels,
      showLegend: kind === "table" ? true : showLegend,
      stacked: kind === "pie" || kind === "table" ? true : flag,
      colors: {},
    }));
  fc.assert(fc.property(spec, (chart) => assert.deepEqual(readVisualization(writeVisualization("t", chart)), chart)));
});

test("a chart asks for its levels inside each other, ordered by what it measures", () => {
  const chart: ChartSpec = {
    ...pie,
    kind: "bar",
    metrics: [{ operation: "cardinality", field: "host", label: "Hosts" }],
    buckets: [timeBuckets("@timestamp"), { ...termsOn("rule.keyword", "group"), missing: "None" }],
  };
  assert.deepEqual(chartAggregations(chart, context), {
    m0: { cardinality: { field: "host" } },
    b0: {
      date_histogram: { field: "@timestamp", fixed_interval: "1m", time_zone: "UTC", min_doc_count: 1 },
      aggs: {
        m0: { cardinality: { field: "host" } },
        b1: {
          terms: { field: "rule.keyword", size: 5, order: { m0: "desc" }, missing: "__missing__" },
          aggs: { m0: { cardinality: { field: "host" } } },
        },
      },
    },
  });
});

test("an answer becomes a tree with the rest and the missing named, and only real values to filter by", () => {
  const chart = { ...pie, buckets: [{ ...termsOn("rule.keyword"), other: "Rest", missing: "None" }] };
  const root = readTree(
    chart,
    {
      b0: {
        sum_other_doc_count: 4,
        buckets: [
          { key: "a", doc_count: 5 },
          { key: "__missing__", doc_count: 2 },
        ],
      },
    },
    11,
  );
  assert.deepEqual(
    root.children.map(({ label, values, filter }) => [label, values[0], filter?.value ?? null]),
    [
      ["a", 5, "a"],
      ["None", 2, null],
      ["Rest", 4, null],
    ],
  );
});

test("a split series has a value at every place, 0 where there is none", () => {
  const chart: ChartSpec = { ...pie, kind: "bar", buckets: [timeBuckets("t"), termsOn("p", "group")] };
  const answer = {
    b0: {
      buckets: [
        { key: 0, doc_count: 3, b1: { buckets: [{ key: "x", doc_count: 3 }] } },
        { key: 60_000, doc_count: 2, b1: { buckets: [{ key: "y", doc_count: 2 }] } },
      ],
    },
  };
  const root = readTree(chart, answer, 5);
  assert.deepEqual(
    toSeries(chart, root).series.map(({ name, values }) => [name, values]),
    [
      ["x", [3, 0]],
      ["y", [0, 2]],
    ],
  );
  assert.deepEqual(
    toRows(chart, root).map(({ path, values }) => [...path.map(({ key }) => key), values[0]]),
    [
      [0, "x", 3],
      [60_000, "y", 2],
    ],
  );
});

test("a Lens pie is read, and a shape that isn't drawn says so", () => {
  const columns = {
    c1: {
      label: "Rule",
      operationType: "terms",
      sourceField: "rule.keyword",
      isBucketed: true,
      params: { size: 10, orderBy: { type: "column", columnId: "c2" }, orderDirection: "desc" },
    },
    c2: { label: "Count", operationType: "count", sourceField: "___records___", isBucketed: false },
  };
  const state = {
    datasourceStates: { formBased: { layers: { l1: { columnOrder: ["c1", "c2"], columns } } } },
    visualization: { shape: "donut", layers: [{ layerId: "l1" }] },
  };
  const spec = readLens({ visualizationType: "lnsPie", state });
  assert.deepEqual(
    [spec.kind, spec.donut, spec.buckets[0]?.field, spec.buckets[0]?.size, spec.metrics[0]?.operation],
    ["pie", true, "rule.keyword", 10, "count"],
  );
  assert.throws(() => readLens({ visualizationType: "lnsChoropleth", state }), /lnsChoropleth/);
  assert.throws(() => readVisualization({ visState: '{"type":"vega"}' }), /vega/);
});

test("a dashboard that is saved and read again is the same, and arranged panels never overlap", () => {
  let model: DashboardModel = {
    ...EMPTY_DASHBOARD,
    title: "Mine",
    time: { from: "now-1h", to: "now" },
    refresh: 10,
    query: "rule: a",
  };
  for (const id of ["a", "b", "c"]) model = addPanel(model, { type: "visualization", id });
  const written = writeDashboard(model);
  assert.deepEqual(readDashboard({ type: "dashboard", id: "d", ...written }), model);
  const move = fc.record({
    id: fc.constantFrom("1", "2", "3"),
    x: fc.integer({ min: -5, max: 60 }),
    y: fc.integer({ min: -5, max: 60 }),
    w: fc.integer({ min: 0, max: 60 }),
    h: fc.integer({ min: 0, max: 80 }),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 8 }), (moves) => {
      const { panels } = moves.reduce<DashboardModel>((state, { id, ...box }) => placePanel(state, id, box), model);
      assert.equal(panels.length, 3);
      for (const a of panels) {
        assert.ok(a.box.x >= 0 && a.box.x + a.box.w <= 48 && a.box.y >= 0);
        for (const b of panels) {
          if (a !== b)
            assert.ok(
              a.box.x >= b.box.x + b.box.w ||
                b.box.x >= a.box.x + a.box.w ||
                a.box.y >= b.box.y + b.box.h ||
                b.box.y >= a.box.y + a.box.h,
            );
        }
      }
    }),
  );
});
