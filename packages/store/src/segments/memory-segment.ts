import type { Column } from "../columns/column.ts";
import { MemoryColumn } from "../columns/memory-column.ts";
import type { ReadDocument } from "../mapping/document-reader.ts";
import { RECORD_HEADER, readRecord, type StoredDocument, skipRecord } from "./record.ts";
import type { Segment } from "./segment.ts";
import type { WriteLog } from "./write-log.ts";

/** Bytes of a log that are read at once when all are. */
const WINDOW = 1 << 18;

/** The segment that takes new documents. Sources stay in its log; columns are in memory. */
export class MemorySegment implements Segment {
  readonly number: number;
  readonly log: WriteLog;
  readonly #columns: Map<string, MemoryColumn> = new Map();
  readonly #ids: Map<string, number> = new Map();
  readonly #offsets: number[] = [];
  #deleted: Uint8Array<ArrayBuffer> | null = null;
  #deletedCount = 0;

  constructor(number: number, log: WriteLog) {
    this.number = number;
    this.log = log;
  }

  get documents(): number {
    return this.#offsets.length;
  }

  get deletedCount(): number {
    return this.#deletedCount;
  }

  get deleted(): Uint8Array | null {
    return this.#deleted;
  }

  get columnNames(): Iterable<string> {
    return this.#columns.keys();
  }

  get bytes(): number {
    return this.log.length;
  }

  /** Adds a document whose record begins at an offset of the log. The id must not be alive in this segment. */
  add(id: string, offset: number, read: ReadDocument): void {
    const document = this.#offsets.length;
    this.#offsets.push(offset);
    this.#ids.set(id, document);
    const { fields, values } = read;
    for (let i = 0; i < fields.length; i++) {
      const name = (fields[i] as { column: string }).column;
      let column = this.#columns.get(name);
      if (!column) {
        column = new MemoryColumn();
        this.#columns.set(name, column);
      }
      column.add(document, values[i] as string);
    }
    if (this.#deleted && this.#deleted.length <= document) {
      this.#deleted = grown(this.#deleted, document + 1);
    }
  }

  column(name: string): Column | null {
    return this.#columns.get(name)?.view(this.documents) ?? null;
  }

  read(document: number): StoredDocument {
    const offset = this.#offsets[document] as number;
    const header = this.log.read(offset, RECORD_HEADER);
    return readRecord(this.log.read(offset, skipRecord(header, 0)), 0);
  }

  /** A reader for documents about in their order, which reads much at once. */
  reader(): (document: number) => StoredDocument {
    let window: Buffer = Buffer.alloc(0);
    let start = 0;
    return (document) => {
      const offset = this.#offsets[document] as number;
      const at = offset - start;
      const whole = at >= 0 && at + RECORD_HEADER <= window.length && skipRecord(window, at) <= window.length;
      if (whole) {
        return readRecord(window, at);
      }
      start = offset;
      window = this.log.read(offset, Math.min(WINDOW, this.log.length - offset));
      return skipRecord(window, 0) <= window.length ? readRecord(window, 0) : this.read(document);
    };
  }

  /** The ids and documents that are alive. */
  get liveIds(): ReadonlyMap<string, number> {
    return this.#ids;
  }

  findId(id: string): number {
    return this.#ids.get(id) ?? -1;
  }

  delete(document: number): void {
    this.#deleted = grown(this.#deleted ?? new Uint8Array(0), this.documents);
    if (this.#deleted[document] === 0) {
      this.#deleted[document] = 1;
      this.#deletedCount += 1;
      const id = this.read(document).id;
      if (this.#ids.get(id) === document) {
        this.#ids.delete(id);
      }
    }
  }

  retain(): void {
    this.log.retain();
  }

  release(): void {
    this.log.release();
  }
}

function grown(mask: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (mask.length >= length) {
    return mask;
  }
  const larger = new Uint8Array(Math.max(length, mask.length * 2, 64));
  larger.set(mask);
  return larger;
}
