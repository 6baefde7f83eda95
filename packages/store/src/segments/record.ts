/** A document as it is stored: its identity and the text that was sent. */
export interface StoredDocument {
  readonly id: string;
  readonly seqNo: number;
  readonly version: number;
  /** The source, byte for byte as it came. */
  readonly source: Buffer;
}

/** Bytes before a record's id: kind, id length, source length, sequence number, version. */
export const RECORD_HEADER = 21;

/** What a record does: puts a document, or takes one away. */
export const PUT = 1;
export const DELETE = 2;

/** The bytes of a record. */
export function recordSize(idBytes: number, sourceBytes: number): number {
  return RECORD_HEADER + idBytes + sourceBytes;
}

/** Writes a record's header and id; gives where the source goes. */
export function writeRecord(
  target: Buffer,
  at: number,
  record: {
    readonly kind: number;
    readonly id: string;
    readonly sourceBytes: number;
    readonly seqNo: number;
    readonly version: number;
  },
): number {
  const idBytes = target.write(record.id, at + RECORD_HEADER, "utf8");
  target.writeUInt8(record.kind, at);
  target.writeUInt32LE(idBytes, at + 1);
  target.writeUInt32LE(record.sourceBytes, at + 5);
  target.writeDoubleLE(record.seqNo, at + 9);
  target.writeUInt32LE(record.version, at + 17);
  return at + RECORD_HEADER + idBytes;
}

/** Reads the record at a place. The source is a view of the same bytes. */
export function readRecord(
  bytes: Buffer,
  at: number,
): StoredDocument & { readonly kind: number; readonly end: number } {
  const idBytes = bytes.readUInt32LE(at + 1);
  const sourceBytes = bytes.readUInt32LE(at + 5);
  const source = at + RECORD_HEADER + idBytes;
  return {
    kind: bytes.readUInt8(at),
    id: bytes.toString("utf8", at + RECORD_HEADER, source),
    seqNo: bytes.readDoubleLE(at + 9),
    version: bytes.readUInt32LE(at + 17),
    source: bytes.subarray(source, source + sourceBytes),
    end: source + sourceBytes,
  };
}

/** Where the record behind the one at a place begins. */
export function skipRecord(bytes: Buffer, at: number): number {
  return at + RECORD_HEADER + bytes.readUInt32LE(at + 1) + bytes.readUInt32LE(at + 5);
}
