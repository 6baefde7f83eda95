export type {
  AggregationRange,
  AggregationRequest,
  AggregationResult,
  Bucket,
  BucketOrder,
} from "./aggregation.ts";
export type {
  BulkAction,
  BulkActionMeta,
  BulkItemResult,
  BulkOperation,
  BulkOutcome,
  BulkResponse,
  BulkResponseItem,
} from "./bulk.ts";
export { bulkItem, bulkOutcome, encodeBulkAction } from "./bulk.ts";
export type { ErrorCause, ErrorResponse } from "./errors.ts";
export { describeCause, isErrorResponse } from "./errors.ts";
export { eventMappings } from "./event-mappings.ts";
export type { ServerFlavour, TemplateOptions, TemplateTarget } from "./event-templates.ts";
export {
  dayTemplate,
  EVENT_NAMES,
  mappingsTemplate,
  settingsTemplate,
  streamTemplate,
} from "./event-templates.ts";
export type { KqlComparison, KqlNode, KqlText } from "./kql/ast.ts";
export { KqlError } from "./kql/ast.ts";
export type { CompletionContext } from "./kql/complete.ts";
export { completionAt } from "./kql/complete.ts";
export { parseKql } from "./kql/parse.ts";
export { printKql, quoteKql } from "./kql/print.ts";
export type { KqlContext, KqlField } from "./kql/to-query.ts";
export { kqlToQuery } from "./kql/to-query.ts";
export type { LineRange } from "./ndjson.ts";
export { decodeNdjson, encodeNdjson, ndjsonLines } from "./ndjson.ts";
export type { BoolQuery, Query, QueryStringQuery, RangeQuery, Scalar } from "./query.ts";
export type { SearchHit, SearchRequest, SearchResponse, SortClause, SourceFilter, TotalHits } from "./search.ts";
export type {
  ComponentTemplate,
  DynamicTemplate,
  FieldMapping,
  IndexTemplate,
  Mappings,
  TemplateBody,
} from "./template.ts";
