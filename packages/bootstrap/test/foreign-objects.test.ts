import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSavedObjects, parseSavedObjects } from "../src/index.ts";
import { startKibanaContract } from "./support/kibana-contract-server.ts";
import { DASHBOARDS, KIBANA, type Product } from "./support/kibana-products.ts";

/*
 * Exports of other people's that both the check and the contract server were held against on 2026-11-23 (repository, path,
 * commit; Kibana's version as far as the export tells):
 *   deempa/Portfolio-Infrastructure    modules/compute/dashboards/kibana_dashboard.ndjson                        19a0dde8  8.8
 *   elastic/elasticsearch-labs         supporting-blog-content/spotify-to-elasticsearch/kibana/dashboard.ndjson  4efa4ef0  8.15 or later
 *   domainaware/parsedmarc             kibana/export.ndjson                                                      8cc017fe  8.15 or later
 *   domainaware/parsedmarc             dashboards/opensearch/opensearch_dashboards.ndjson                        a5a5b45a  OpenSearch Dashboards
 *   Security-Onion-Solutions/securityonion  salt/kibana/files/hl.ndjson                                          3b76c242  7.16.2
 * All pass. NickBorgers/coned-data-visualizer kibana/dashboard.ndjson (96bf8bfa, 8.3.3) lacks the data view that it refers to;
 * both refuse it for that. The objects below have what in those was new to the check.
 */
const KIBANA_EXPORT = [
  {
    type: "index-pattern",
    id: "view",
    attributes: { title: "logs*", fieldAttrs: "{}", fields: "[]", runtimeFieldMap: "{}", sourceFilters: "[]" },
    references: [],
    coreMigrationVersion: "8.8.0",
    typeMigrationVersion: "8.0.0",
    created_at: "2026-01-01T00:00:00.000Z",
    managed: false,
    version: "WzEsMV0=",
  },
  {
    type: "visualization",
    id: "controls",
    attributes: {
      title: "Controls",
      visState: JSON.stringify({
        type: "input_control_vis",
        params: { controls: [{ indexPatternRefName: "control_0" }] },
      }),
      kibanaSavedObjectMeta: { searchSourceJSON: "{}" },
    },
    references: [{ name: "control_0", type: "index-pattern", id: "view" }],
    coreMigrationVersion: "8.8.0",
    typeMigrationVersion: "8.5.0",
  },
  {
    type: "dashboard",
    id: "board",
    attributes: {
      title: "Board",
      panelsJSON: JSON.stringify([
        { type: "lens", gridData: { x: 0, y: 0, w: 10, h: 5, i: "p1" }, panelIndex: "p1", embeddableConfig: {} },
      ]),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({
          filter: [{ meta: { indexRefName: "kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index" } }],
        }),
      },
    },
    references: [
      { name: "p1:indexpattern-datasource-layer-1", type: "index-pattern", id: "view" },
      { name: "kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index", type: "index-pattern", id: "view" },
      { name: "kibanaSavedObjectMeta.searchSourceJSON.filter[1].meta.index", type: "index-pattern", id: "view" },
      { name: "controlGroup_c1:optionsListDataView", type: "index-pattern", id: "view" },
    ],
    coreMigrationVersion: "8.8.0",
    typeMigrationVersion: "10.2.0",
  },
  { excludedObjects: [], excludedObjectsCount: 0, exportedCount: 3, missingRefCount: 0, missingReferences: [] },
];

const DASHBOARDS_EXPORT = [
  {
    type: "visualization",
    id: "text",
    attributes: { title: "Text", visState: '{"type":"markdown"}', kibanaSavedObjectMeta: { searchSourceJSON: "{}" } },
    references: [],
    migrationVersion: { visualization: "7.10.0" },
  },
  {
    type: "dashboard",
    id: "board",
    attributes: {
      title: "Board",
      panelsJSON: JSON.stringify([
        {
          gridData: { x: 0, y: 0, w: 10, h: 5, i: "1" },
          panelIndex: "1",
          panelRefName: "panel_0",
          embeddableConfig: {},
        },
      ]),
    },
    references: [{ name: "panel_0", type: "visualization", id: "text" }],
    migrationVersion: { dashboard: "7.9.3" },
  },
];

async function importInto(product: Product, ndjson: string): Promise<{ success?: boolean; successCount?: number }> {
  const server = await startKibanaContract({ product });
  try {
    const answer = await fetch(`${server.url}/api/saved_objects/_import?overwrite=true`, {
      method: "POST",
      headers: { [product.xsrfHeader]: "true", "content-type": "multipart/form-data; boundary=b" },
      body: `--b\r\nContent-Disposition: form-data; name="file"; filename="a.ndjson"\r\n\r\n${ndjson}\r\n--b--\r\n`,
    });
    return (await answer.json()) as { success?: boolean };
  } finally {
    await server.close();
  }
}

for (const [name, product, lines, count] of [
  ["Kibana 8", KIBANA, KIBANA_EXPORT, 3],
  ["OpenSearch Dashboards", DASHBOARDS, DASHBOARDS_EXPORT, 2],
] as const) {
  test(`an export of ${name} with panels, controls and filters of somebody else's is taken as it is`, async () => {
    const ndjson = lines.map((line) => JSON.stringify(line)).join("\n");
    checkSavedObjects(parseSavedObjects(ndjson, "export.ndjson"));
    const { success, successCount } = await importInto(product, ndjson);
    assert.deepEqual([success, successCount], [true, count]);
  });
}
