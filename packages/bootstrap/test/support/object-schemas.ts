/**
 * JSON Schemas of the saved objects in the form that Kibana 8.8 to 9.x takes, and of the JSON inside their attributes.
 * Closed: a key that isn't listed is a fault, as it is for Kibana's own schemas of these types.
 */
const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;

function closed(properties: Record<string, unknown>, required: readonly string[] = Object.keys(properties)): object {
  return { type: "object", properties, required: [...required], additionalProperties: false };
}

const meta = closed({ searchSourceJSON: text });

export const ATTRIBUTES: Readonly<Record<string, object>> = {
  "index-pattern": closed({ title: text, name: text, timeFieldName: text, allowNoIndex: { type: "boolean" } }, [
    "title",
  ]),
  search: closed({
    title: text,
    description: text,
    columns: { type: "array", items: text, minItems: 1 },
    sort: {
      type: "array",
      items: { type: "array", items: [text, { enum: ["asc", "desc"] }], minItems: 2, maxItems: 2 },
    },
    kibanaSavedObjectMeta: meta,
  }),
  visualization: closed({
    title: text,
    description: text,
    version: { const: 1 },
    uiStateJSON: text,
    visState: text,
    kibanaSavedObjectMeta: meta,
  }),
  dashboard: closed({
    title: text,
    description: text,
    version: { const: 1 },
    timeRestore: { type: "boolean" },
    timeFrom: text,
    timeTo: text,
    refreshInterval: closed({ pause: { type: "boolean" }, value: count }),
    optionsJSON: text,
    panelsJSON: text,
    kibanaSavedObjectMeta: meta,
  }),
};

const termsParams = closed(
  {
    field: text,
    orderBy: { const: "1" },
    order: { enum: ["asc", "desc"] },
    size: { type: "integer", minimum: 1, maximum: 100 },
    otherBucket: { type: "boolean" },
    otherBucketLabel: text,
    missingBucket: { type: "boolean" },
    missingBucketLabel: text,
    customLabel: text,
    include: text,
  },
  ["field", "orderBy", "order", "size", "otherBucket", "otherBucketLabel", "missingBucket", "missingBucketLabel"],
);
const histogramParams = closed({
  field: text,
  interval: { const: "auto" },
  useNormalizedEsInterval: { type: "boolean" },
  scaleMetricValues: { type: "boolean" },
  drop_partials: { type: "boolean" },
  min_doc_count: count,
  extended_bounds: { type: "object", maxProperties: 0 },
  customLabel: text,
});

function aggregation(type: string, params: object): object {
  return closed({
    id: { type: "string", pattern: "^[0-9]+$" },
    enabled: { const: true },
    type: { const: type },
    schema: { enum: ["metric", "segment", "group", "bucket"] },
    params,
  });
}

export const VIS_STATE: object = closed({
  title: text,
  type: { enum: ["pie", "histogram", "horizontal_bar", "table"] },
  aggs: {
    type: "array",
    minItems: 2,
    items: {
      anyOf: [
        aggregation("count", closed({ customLabel: text }, [])),
        aggregation("terms", termsParams),
        aggregation("date_histogram", histogramParams),
      ],
    },
  },
  params: { type: "object" },
});

export const SEARCH_SOURCE: object = closed(
  {
    query: closed({ query: text, language: { const: "kuery" } }),
    filter: { type: "array", maxItems: 0 },
    indexRefName: text,
  },
  ["query", "filter"],
);

export const PANELS: object = {
  type: "array",
  minItems: 1,
  items: closed({
    version: text,
    type: { enum: ["visualization", "search"] },
    gridData: closed({ x: count, y: count, w: count, h: count, i: text }),
    panelIndex: text,
    embeddableConfig: { type: "object" },
    panelRefName: text,
  }),
};
