export type { BulkSink, Fault, StoredDocument } from "./testing/bulk-sink.ts";
export { startBulkSink } from "./testing/bulk-sink.ts";
