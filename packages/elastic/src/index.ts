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
