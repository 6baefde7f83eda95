import { randomBytes } from "node:crypto";
import type { BulkActionMeta, BulkItemResult, BulkOperation, BulkResponse } from "@falco-efk/elastic";
import { ndjsonLines } from "@falco-efk/elastic";
import { diskFull, ElasticError, illegalArgument, indexNotFound, isFullDisk, notSupported } from "../errors.ts";
import { keepDigits } from "../search/exact-json.ts";
import type { Catalog } from "./catalog.ts";
import { checkIndexName } from "./index-name.ts";
import { patchSource } from "./patch-source.ts";
import { resolveWriteIndex } from "./resolve-indices.ts";
import type { StoredIndex } from "./stored-index.ts";
import { WriteBatch, type WriteResult } from "./write-batch.ts";

/** One write, its source as the bytes that came. */
export interface WriteOperation {
  readonly operation: BulkOperation;
  readonly meta: BulkActionMeta;
  readonly source: Buffer | null;
}

const OPERATIONS = new Set(["create", "index", "update", "delete"]);
const SHARDS = { total: 1, successful: 1, failed: 0 };

/** Reads a `_bulk` body. Throws 400 for what breaks the framing: then nothing of it is done. */
export function parseBulk(body: Buffer, defaultIndex: string | undefined): WriteOperation[] {
  const operations: WriteOperation[] = [];
  if (body.length > 0 && body[body.length - 1] !== 0x0a) {
    throw illegalArgument("The bulk request must be terminated by a newline [\\n]");
  }
  const lines = ndjsonLines(body);
  let number = 0;
  for (let next = lines.next(); !next.done; next = lines.next()) {
    number += 1;
    const { start, end } = next.value;
    if (start === end) {
      continue;
    }
    const { operation, meta } = parseAction(body.toString("utf8", start, end), number);
    const full = defaultIndex === undefined || meta._index !== undefined ? meta : { ...meta, _index: defaultIndex };
    if (operation === "delete") {
      operations.push({ operation, meta: full, source: null });
      continue;
    }
    const line = lines.next();
    if (line.done) {
      throw illegalArgument(`Malformed action/metadata line [${number}], expected a document after it`);
    }
    number += 1;
    operations.push({ operation, meta: full, source: body.subarray(line.value.start, line.value.end) });
  }
  if (operations.length === 0) {
    throw new ElasticError(400, "parse_exception", "request body is required");
  }
  return operations;
}

function parseAction(text: string, number: number): { operation: BulkOperation; meta: BulkActionMeta } {
  let action: unknown;
  try {
    action = JSON.parse(text);
  } catch (error) {
    throw new ElasticError(400, "x_content_parse_exception", `[${number}:1] ${(error as Error).message}`);
  }
  const [entry, ...more] = typeof action === "object" && action !== null ? Object.entries(action) : [];
  if (!entry || more.length > 0 || !OPERATIONS.has(entry[0]) || typeof entry[1] !== "object" || entry[1] === null) {
    throw illegalArgument(
      `Malformed action/metadata line [${number}], expected one of [create, delete, index, update] but found [${entry?.[0] ?? "nothing"}]`,
    );
  }
  return { operation: entry[0] as BulkOperation, meta: entry[1] as BulkActionMeta };
}

/** Does writes in their order. Resolves once all that succeeded are durable. */
export async function executeWrites(catalog: Catalog, operations: readonly WriteOperation[]): Promise<BulkResponse> {
  const started = performance.now();
  await catalog.roomForWrites();
  const results: BulkItemResult[] = [];
  const batches = new Map<string, { batch: WriteBatch; items: number[] }>();
  for (const { operation, meta, source } of operations) {
    results.push(planOne(catalog, batches, operation, meta, source, results.length));
  }
  for (const { batch, items } of batches.values()) {
    commitBatch(catalog, batch, items, results, operations);
  }
  try {
    await Promise.all([...batches.values()].map(({ batch }) => batch.sync()));
  } catch (error) {
    throw catalog.refuseWrites(error);
  }
  const items = results.map((result, i) => ({ [operations[i]?.operation as string]: result }));
  return {
    took: Math.round(performance.now() - started),
    errors: results.some((result) => result.error !== undefined),
    items,
  };
}

function planOne(
  catalog: Catalog,
  batches: Map<string, { batch: WriteBatch; items: number[] }>,
  operation: BulkOperation,
  meta: BulkActionMeta,
  source: Buffer | null,
  item: number,
): BulkItemResult {
  const id = meta._id ?? null;
  try {
    if (meta._index === undefined || meta._index === "") {
      throw new ElasticError(400, "action_request_validation_exception", "Validation Failed: 1: index is missing;");
    }
    const index = writeIndex(catalog, meta, operation);
    let entry = batches.get(index.name);
    if (!entry) {
      entry = { batch: new WriteBatch(index), items: [] };
      batches.set(index.name, entry);
    }
    const written = planWrite(entry.batch, operation, meta, source);
    entry.items.push(item);
    return itemResult(index, written.id, written);
  } catch (error) {
    const refused = error instanceof ElasticError ? error : diskError(error, meta._index ?? "");
    return { _index: meta._index ?? "", _id: id, status: refused.status, error: refused.toCause() };
  }
}

function writeIndex(catalog: Catalog, meta: BulkActionMeta, operation: BulkOperation): StoredIndex {
  const name = meta._index as string;
  const index = resolveWriteIndex(catalog, name);
  if (index) {
    return index;
  }
  if (meta.require_alias || operation === "delete" || operation === "update") {
    throw indexNotFound(name);
  }
  if (meta.pipeline !== undefined && meta.pipeline !== "_none") {
    throw illegalArgument(`pipeline with id [${meta.pipeline}] does not exist`);
  }
  checkIndexName(name);
  return catalog.create(name);
}

function planWrite(
  batch: WriteBatch,
  operation: BulkOperation,
  meta: BulkActionMeta,
  source: Buffer | null,
): WriteResult & { readonly id: string; readonly noop?: boolean } {
  const id = meta._id === undefined || meta._id === null ? "" : String(meta._id);
  if (Buffer.byteLength(id) > 512) {
    throw illegalArgument(
      `id [${id.slice(0, 40)}…] is too long, must be no longer than 512 bytes but was: ${Buffer.byteLength(id)}`,
    );
  }
  const options = { ifSeqNo: meta.if_seq_no, create: operation === "create" };
  if (operation === "delete") {
    return { id, ...batch.delete(id, options) };
  }
  if (operation === "update") {
    return { id, ...planUpdate(batch, id, source as Buffer, meta) };
  }
  const own = id === "" ? randomBytes(15).toString("base64url") : id;
  return { id: own, ...batch.put(own, source as Buffer, options) };
}

function planUpdate(
  batch: WriteBatch,
  id: string,
  body: Buffer,
  meta: BulkActionMeta,
): WriteResult & { noop?: boolean } {
  const request = parseUpdate(body);
  const current = batch.current(id);
  if (!current) {
    const upsert = request.upsert ?? (request.doc_as_upsert ? request.doc : undefined);
    if (upsert === undefined) {
      throw new ElasticError(404, "document_missing_exception", `[${id}]: document missing`, {
        index_uuid: batch.index.uuid,
        shard: "0",
        index: batch.index.name,
      });
    }
    return batch.put(id, Buffer.from(upsert));
  }
  const patched = patchSource(current.source.toString(), request.doc ?? "{}");
  if (patched === null && request.detect_noop !== false) {
    return { result: "updated", version: current.version, seqNo: current.seqNo, noop: true };
  }
  return batch.put(id, patched === null ? current.source : Buffer.from(patched), { ifSeqNo: meta.if_seq_no });
}

function parseUpdate(body: Buffer): { doc?: string; upsert?: string; doc_as_upsert?: boolean; detect_noop?: boolean } {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(body.toString(), keepDigits) as Record<string, unknown>;
  } catch (error) {
    throw new ElasticError(400, "x_content_parse_exception", (error as Error).message);
  }
  if (parsed.script !== undefined) {
    throw notSupported("an update by [script]");
  }
  if (parsed.doc === undefined && parsed.upsert === undefined) {
    throw new ElasticError(
      400,
      "action_request_validation_exception",
      "Validation Failed: 1: script or doc is missing;",
    );
  }
  return {
    ...(parsed.doc === undefined ? {} : { doc: JSON.stringify(parsed.doc) }),
    ...(parsed.upsert === undefined ? {} : { upsert: JSON.stringify(parsed.upsert) }),
    doc_as_upsert: parsed.doc_as_upsert === true,
    detect_noop: parsed.detect_noop !== false,
  };
}

function itemResult(
  index: StoredIndex,
  id: string,
  written: WriteResult & { readonly noop?: boolean },
): BulkItemResult {
  const status = written.result === "created" ? 201 : written.result === "not_found" ? 404 : 200;
  return {
    _index: index.name,
    _id: id,
    _version: written.version,
    result: written.noop ? "noop" : written.result,
    _shards: written.noop ? { total: 0, successful: 0, failed: 0 } : SHARDS,
    _seq_no: written.seqNo,
    _primary_term: 1,
    status,
  };
}

function commitBatch(
  catalog: Catalog,
  batch: WriteBatch,
  items: readonly number[],
  results: BulkItemResult[],
  operations: readonly WriteOperation[],
): void {
  try {
    batch.commit();
  } catch (error) {
    const cause = diskError(error, batch.index.name);
    for (const item of items) {
      const { _index, _id } = results[item] as BulkItemResult;
      const id = operations[item]?.meta._id === undefined ? null : _id;
      results[item] = { _index, _id: id, status: cause.status, error: cause.toCause() };
    }
    return;
  }
  catalog.afterWrite(batch.index);
}

/** A full disk as an answer; any other failure is thrown on. */
function diskError(error: unknown, index: string): ElasticError {
  if (isFullDisk(error)) {
    return diskFull(index);
  }
  throw error;
}
