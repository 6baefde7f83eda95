import type { Column } from "../columns/column.ts";
import type { Field } from "../mapping/field.ts";
import type { Segment } from "../segments/segment.ts";
import { type Mask, maskOfRange } from "./mask.ts";

const visible = new WeakMap<Column, Map<number, Uint8Array | null>>();

/** A segment as one search sees it: the documents that were there when it began. */
export class SegmentView {
  readonly segment: Segment;
  readonly documents: number;
  /** The only documents that are asked about, when they are few; null when all are. */
  readonly among: Uint32Array | null;
  readonly #columns: Map<string, Column | null>;

  constructor(segment: Segment, whole?: SegmentView, among: Uint32Array | null = null) {
    this.segment = segment;
    this.documents = whole?.documents ?? segment.documents;
    this.among = among;
    this.#columns = whole ? whole.#columns : new Map();
  }

  /** The same, asked about some documents only. */
  only(documents: Uint32Array): SegmentView {
    return new SegmentView(this.segment, this, documents);
  }

  /** The column of a name; null when no document has a value. */
  column(name: string): Column | null {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = this.segment.column(name);
      this.#columns.set(name, column);
    }
    return column;
  }

  /** Documents that are not deleted. */
  alive(): Mask {
    const { deleted, deletedCount } = this.segment;
    if (!deleted || deletedCount === 0) {
      return true;
    }
    const mask = new Uint8Array(this.documents);
    for (let i = 0; i < mask.length; i++) {
      mask[i] = deleted[i] === 1 ? 0 : 1;
    }
    return mask;
  }

  /** Documents with any value that the field sees. */
  exists(field: Field): Mask {
    const column = this.column(field.column);
    if (!column) {
      return false;
    }
    const hidden = hiddenOrdinals(column, field);
    if (!hidden) {
      return maskOfRange(column, 1, column.size, this.documents);
    }
    const mask = new Uint8Array(this.documents);
    const { ordinals, starts } = column;
    for (let d = 0; d < mask.length; d++) {
      const from = starts ? (starts[d] as number) : d;
      const to = starts ? (starts[d + 1] as number) : d + 1;
      for (let at = from; at < to; at++) {
        const ordinal = ordinals[at] as number;
        mask[d] = (mask[d] as number) | (ordinal !== 0 && hidden[ordinal] === 0 ? 1 : 0);
      }
    }
    return mask;
  }
}

/** Flags of the ordinals that a keyword field does not see because they are too long; null when it sees all. */
export function hiddenOrdinals(column: Column, field: Field): Uint8Array | null {
  if (column.longest <= field.ignoreAbove) {
    return null;
  }
  let byLimit = visible.get(column);
  if (!byLimit) {
    byLimit = new Map();
    visible.set(column, byLimit);
  }
  let flags = byLimit.get(field.ignoreAbove);
  if (flags === undefined) {
    const made = new Uint8Array(column.size + 1);
    column.scan(1, column.size, (value, ordinal) => {
      made[ordinal] = (value as string).length > field.ignoreAbove ? 1 : 0;
    });
    flags = made;
    byLimit.set(field.ignoreAbove, flags);
  }
  return flags;
}
