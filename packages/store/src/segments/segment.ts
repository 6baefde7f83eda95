import type { Column } from "../columns/column.ts";
import type { StoredDocument } from "./record.ts";

/** A part of an index: documents numbered from 0, their columns and their sources. */
export interface Segment {
  readonly number: number;
  /** Documents, deleted ones included. */
  readonly documents: number;
  readonly deletedCount: number;
  /** 1 for each document that was deleted or replaced; null when there is none. */
  readonly deleted: Uint8Array | null;
  readonly columnNames: Iterable<string>;
  /** The column, or null when no document has a value in it. */
  column(name: string): Column | null;
  read(document: number): StoredDocument;
  /** The document that has the id now; -1 when none has. */
  findId(id: string): number;
  delete(document: number): void;
  /** Keeps the segment's file open until the matching `release`. */
  retain(): void;
  release(): void;
  readonly bytes: number;
  /** What was worked out of this segment under a key, made now if it is not known. Absent where documents still come. */
  remember?<T>(key: string, make: () => { readonly value: T; readonly bytes: number }): T;
}
