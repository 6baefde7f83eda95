import { crc32 } from "node:zlib";
import { pack } from "./pack.ts";
import { recordSize, type StoredDocument, writeRecord } from "./record.ts";
import type { SectionWriter } from "./sections.ts";

/** Documents whose sources are compressed together. A merged segment may have smaller blocks between. */
export const SOURCE_BLOCK = 64;

/** Document numbers in a key of `writeIds` take so many bits: more than any segment has. */
const DOCUMENTS = 2 ** 21;

/** A document as it lies in a block. */
export function sourceRecord({ id, source, seqNo, version }: StoredDocument): Buffer {
  const record = Buffer.allocUnsafe(recordSize(Buffer.byteLength(id), source.length));
  source.copy(record, writeRecord(record, 0, { kind: 1, id, sourceBytes: source.length, seqNo, version }));
  return record;
}

/** Compresses documents as a block, its checksum before it. */
export function packSources(records: readonly Buffer[]): Buffer {
  const packed = pack(Buffer.concat(records));
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(packed));
  return Buffer.concat([crc, packed]);
}

/** Writes the hashes of ids, given by document, in the order of the high hash. */
export function writeIds(writer: SectionWriter<unknown>, high: Uint32Array, low: Uint32Array): void {
  // One number holds hash and document, so that sorting needs no comparison of ours.
  const keys = new Float64Array(high.length);
  for (let i = 0; i < keys.length; i++) {
    keys[i] = (high[i] as number) * DOCUMENTS + i;
  }
  keys.sort();
  const byHash = Uint32Array.from(keys, (key) => key % DOCUMENTS);
  writer.add("idHigh", Buffer.from(Uint32Array.from(byHash, (i) => high[i] as number).buffer));
  writer.add("idLow", Buffer.from(Uint32Array.from(byHash, (i) => low[i] as number).buffer));
  writer.add("idDocument", Buffer.from(byHash.buffer));
}
