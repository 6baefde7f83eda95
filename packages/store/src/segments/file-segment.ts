import { readFileSync, rmSync, statSync } from "node:fs";
import { crc32 } from "node:zlib";
import { type ColumnMeta, FileColumn } from "../columns/file-column.ts";
import type { ReadCache } from "./cache.ts";
import { hashId, idHash } from "./id-hash.ts";
import { IdLookup } from "./id-lookup.ts";
import { unpack } from "./pack.ts";
import { readRecord, type StoredDocument, skipRecord } from "./record.ts";
import { DamagedFileError, SectionReader } from "./sections.ts";
import type { Segment } from "./segment.ts";
import { SOURCE_BLOCK } from "./sources.ts";
import { writeFileDurably } from "./write-file.ts";

/** The table of contents of a segment file. */
export interface SegmentMeta {
  readonly documents: number;
  readonly columns: Readonly<Record<string, ColumnMeta>>;
}

/** A finished segment in a file. Only deletions change it; they are in a file beside it. */
export class FileSegment implements Segment {
  readonly number: number;
  readonly documents: number;
  readonly bytes: number;
  readonly path: string;
  readonly #reader: SectionReader<SegmentMeta>;
  readonly #cache: ReadCache;
  readonly #columns: Map<string, FileColumn> = new Map();
  readonly #ids: IdLookup;
  #deleted: Uint8Array<ArrayBuffer> | null = null;
  #deletedCount = 0;
  #deletionsChanged = false;
  #users = 1;

  constructor(number: number, path: string, cache: ReadCache) {
    this.number = number;
    this.path = path;
    this.bytes = statSync(path).size;
    this.#reader = new SectionReader(path, this.bytes);
    this.#cache = cache;
    this.documents = this.#reader.meta.documents;
    this.#ids = new IdLookup(this.#reader, this.documents);
    for (const [name, meta] of Object.entries(this.#reader.meta.columns)) {
      this.#columns.set(name, new FileColumn(this.#reader, cache, meta));
    }
    this.#readDeletions();
  }

  get deleted(): Uint8Array | null {
    return this.#deleted;
  }

  get deletedCount(): number {
    return this.#deletedCount;
  }

  get columnNames(): Iterable<string> {
    return this.#columns.keys();
  }

  column(name: string): FileColumn | null {
    return this.#columns.get(name) ?? null;
  }

  read(document: number): StoredDocument {
    const number = this.#blockOf(document);
    const first = this.#firstOf(number);
    const block = this.#cache.get(`${this.path}:documents/${number}`, () => {
      const packed = this.#packed(number);
      if (crc32(packed.subarray(4)) !== packed.readUInt32LE(0)) {
        throw new DamagedFileError(this.path, `the sources of documents from ${first} have a wrong checksum`);
      }
      const raw = unpack(packed.subarray(4));
      return { value: raw, bytes: raw.length };
    });
    let at = 0;
    for (let skip = document - first; skip > 0; skip--) {
      at = skipRecord(block, at);
    }
    return readRecord(block, at);
  }

  /** How many documents the block of sources has that begins with a document; 0 when none begins there. */
  blockStartingAt(document: number): number {
    const number = this.#blockOf(document);
    return this.#firstOf(number) === document ? this.#firstOf(number + 1) - document : 0;
  }

  /** The block that a document's source is in, compressed, with its checksum before it. */
  packedBlock(document: number): Buffer {
    return this.#packed(this.#blockOf(document));
  }

  #packed(number: number): Buffer {
    const index = this.#words("sourceIndex");
    return this.#reader.part("source", index[number] as number, index[number + 1] as number);
  }

  /** The block that holds a document. In a merged segment blocks differ in size, and are listed. */
  #blockOf(document: number): number {
    if (!this.#reader.has("sourceFirst")) {
      return Math.floor(document / SOURCE_BLOCK);
    }
    const firsts = this.#words("sourceFirst");
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((firsts[middle] as number) <= document) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  #firstOf(block: number): number {
    const first = this.#reader.has("sourceFirst") ? this.#words("sourceFirst")[block] : block * SOURCE_BLOCK;
    return Math.min(first ?? this.documents, this.documents);
  }

  /** The hashes of the ids. */
  get ids(): IdLookup {
    return this.#ids;
  }

  remember<T>(key: string, make: () => { readonly value: T; readonly bytes: number }): T {
    return this.#cache.get(`${this.path}:result/${key}`, make);
  }

  findId(id: string): number {
    hashId(id);
    for (const document of this.#ids.find(idHash.high, idHash.low)) {
      if (this.#deleted?.[document] !== 1 && this.read(document).id === id) {
        return document;
      }
    }
    return -1;
  }

  delete(document: number): void {
    this.#deleted ??= new Uint8Array(this.documents);
    if (this.#deleted[document] === 0) {
      this.#deleted[document] = 1;
      this.#deletedCount += 1;
      this.#deletionsChanged = true;
    }
  }

  /** Whether there are deletions that are not yet on the disk. */
  get hasUnsavedDeletions(): boolean {
    return this.#deletionsChanged;
  }

  /** Writes deletions that are not yet on the disk. */
  saveDeletions(): void {
    if (this.#deletionsChanged && this.#deleted) {
      const crc = Buffer.alloc(4);
      crc.writeUInt32LE(crc32(this.#deleted));
      writeFileDurably(this.#deletionsPath, Buffer.concat([crc, this.#deleted]));
      this.#deletionsChanged = false;
    }
  }

  /** Removes the segment's files. Searches that hold it can go on. */
  remove(): void {
    rmSync(this.path, { force: true });
    rmSync(this.#deletionsPath, { force: true });
    this.release();
  }

  retain(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) {
      this.#cache.drop(`${this.path}:`);
      this.#reader.close();
    }
  }

  get #deletionsPath(): string {
    return this.path.replace(/\.seg$/, ".del");
  }

  #readDeletions(): void {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#deletionsPath);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return;
      }
      throw error;
    }
    const mask = new Uint8Array(bytes.subarray(4));
    if (mask.length !== this.documents || crc32(mask) !== bytes.readUInt32LE(0)) {
      throw new DamagedFileError(this.#deletionsPath, "it has a wrong checksum");
    }
    this.#deleted = mask;
    this.#deletedCount = mask.reduce((sum, bit) => sum + bit, 0);
  }

  #words(section: string): Uint32Array {
    return this.#cache.get(`${this.path}:${section}`, () => {
      const bytes = this.#reader.section(section);
      return { value: new Uint32Array(bytes.buffer, 0, bytes.length / 4), bytes: bytes.length };
    });
  }
}
