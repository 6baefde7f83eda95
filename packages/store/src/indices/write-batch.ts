import { ElasticError } from "../errors.ts";
import { type ReadDocument, readDocument } from "../mapping/document-reader.ts";
import { DELETE, PUT, recordSize, writeRecord } from "../segments/record.ts";
import { BATCH_HEADER, type WriteLog } from "../segments/write-log.ts";
import type { StoredIndex } from "./stored-index.ts";

/** What became of a write. */
export interface WriteResult {
  readonly result: "created" | "updated" | "deleted" | "not_found";
  readonly version: number;
  readonly seqNo: number;
}

/** A document as a batch sees it: in the index, or put earlier in the same batch. */
export interface CurrentDocument {
  readonly version: number;
  readonly seqNo: number;
  readonly source: Buffer;
}

/** Conditions of a write. */
export interface WriteOptions {
  /** Refuse when the id is taken. */
  readonly create?: boolean;
  readonly ifSeqNo?: number | undefined;
}

interface Planned {
  readonly kind: number;
  readonly id: string;
  readonly seqNo: number;
  readonly version: number;
  readonly source: Buffer;
  readonly read: ReadDocument | null;
}

const NOTHING = Buffer.alloc(0);

/** Batches up to this are put together in one piece of memory, one after the other: the log writes each at once. */
const KEPT_BYTES = 8 << 20;
let kept: Buffer = NOTHING;

function roomFor(bytes: number): Buffer {
  if (bytes > KEPT_BYTES) {
    return Buffer.allocUnsafeSlow(bytes);
  }
  if (kept.length < bytes) {
    kept = Buffer.allocUnsafeSlow(Math.min(KEPT_BYTES, bytes * 2));
  }
  return kept.subarray(0, bytes);
}

/**
 * Writes to one index that are logged together and then applied together. Nothing awaits between the first `put`
 * and `commit`, so no other write comes between.
 */
export class WriteBatch {
  readonly index: StoredIndex;
  readonly #planned: Planned[] = [];
  readonly #seen: Map<string, Planned> = new Map();
  #bytes = BATCH_HEADER;
  #seqNo: number;
  /** The log that was written to: the index may have begun another one when it is synced. */
  #log: WriteLog | null = null;

  constructor(index: StoredIndex) {
    this.index = index;
    this.#seqNo = index.nextSeqNo;
    index.prepareWrites();
  }

  /** The document with an id as it is after the writes planned so far; null when there is none. */
  current(id: string): CurrentDocument | null {
    const planned = this.#seen.get(id);
    if (planned) {
      return planned.kind === PUT ? planned : null;
    }
    const found = this.index.find(id);
    return found ? found.segment.read(found.document) : null;
  }

  /** Plans to put a document. Throws 409 for a conflict, 400 for what the mapping refuses. */
  put(id: string, source: Buffer, options: WriteOptions = {}): WriteResult {
    const known = this.#knows(id);
    if (known && options.create) {
      const version = this.current(id)?.version ?? 1;
      throw this.#conflict(id, `version conflict, document already exists (current version [${version}])`);
    }
    const before = known ? this.current(id) : null;
    this.#checkSeqNo(id, before, options);
    const read = readDocument(this.index.mapping, source.toString());
    const version = (before?.version ?? 0) + 1;
    this.#plan({ kind: PUT, id, seqNo: this.#seqNo++, version, source, read });
    return { result: before ? "updated" : "created", version, seqNo: this.#seqNo - 1 };
  }

  /** Plans to take a document away. */
  delete(id: string, options: WriteOptions = {}): WriteResult {
    const before = this.current(id);
    this.#checkSeqNo(id, before, options);
    const version = (before?.version ?? 0) + 1;
    const seqNo = this.#seqNo++;
    if (before) {
      this.#plan({ kind: DELETE, id, seqNo, version, source: NOTHING, read: null });
    }
    return { result: before ? "deleted" : "not_found", version, seqNo };
  }

  /** Logs the planned writes, then applies them. When the disk refuses, nothing is applied and its error is thrown. */
  commit(): void {
    if (this.#planned.length === 0) {
      return;
    }
    const { index } = this;
    const batch = roomFor(this.#bytes);
    const offsets: number[] = [];
    let at = BATCH_HEADER;
    for (const { kind, id, seqNo, version, source } of this.#planned) {
      offsets.push(at);
      at = writeRecord(batch, at, { kind, id, sourceBytes: source.length, seqNo, version });
      at += source.copy(batch, at);
    }
    const { memory } = index;
    const start = memory.log.append(batch);
    memory.log.retain();
    this.#log = memory.log;
    this.#planned.forEach(({ id, version, read }, i) => {
      if (version > 1) {
        const old = index.find(id);
        old?.segment.delete(old.document);
      }
      if (read) {
        memory.add(id, start + (offsets[i] as number), read);
        index.rememberId(id);
      }
    });
    index.nextSeqNo = this.#seqNo;
  }

  /** Resolves once what was committed is on the disk. */
  async sync(): Promise<void> {
    const log = this.#log;
    if (log) {
      try {
        await log.sync();
      } finally {
        log.release();
      }
    }
  }

  #knows(id: string): boolean {
    const planned = this.#seen.get(id);
    return planned ? planned.kind === PUT : this.index.find(id) !== null;
  }

  #plan(planned: Planned): void {
    this.#planned.push(planned);
    this.#seen.set(planned.id, planned);
    this.#bytes += recordSize(Buffer.byteLength(planned.id), planned.source.length);
  }

  #checkSeqNo(id: string, before: CurrentDocument | null, options: WriteOptions): void {
    if (options.ifSeqNo !== undefined && before?.seqNo !== options.ifSeqNo) {
      const current = before ? `current document has seqNo [${before.seqNo}]` : "but no document was found";
      throw this.#conflict(id, `version conflict, required seqNo [${options.ifSeqNo}]. ${current}`);
    }
  }

  #conflict(id: string, what: string): ElasticError {
    return new ElasticError(409, "version_conflict_engine_exception", `[${id}]: ${what}`, {
      index_uuid: this.index.uuid,
      shard: "0",
      index: this.index.name,
    });
  }
}
