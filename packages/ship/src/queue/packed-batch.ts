import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Batch, ROW } from "../batch.ts";

interface Head {
  readonly generation: string;
  readonly path: string;
  readonly fallbackTime: string;
  readonly count: number;
}

// Alerts are alike: the lowest level makes them a tenth and costs less than what it saves on the way.
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } } as const;

/** A batch as one compressed piece, to be kept on disk or sent through Redis. */
export function packBatch(batch: Batch): Buffer {
  const { origin, fallbackTime, count, rows, offsets, data } = batch;
  const head = Buffer.from(JSON.stringify({ ...origin, fallbackTime, count } satisfies Head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return zstdCompressSync(Buffer.concat([length, head, bytesOf(rows), bytesOf(offsets), data]), ZSTD);
}

/** The batch of a packed piece. Throws when it isn't one. */
export function unpackBatch(packed: Uint8Array): Batch {
  const bytes = zstdDecompressSync(packed);
  let at = 4 + bytes.readUInt32LE(0);
  const { generation, path, fallbackTime, count } = JSON.parse(bytes.toString("utf8", 4, at)) as Head;
  const rows = new Uint32Array(count * ROW.width);
  const offsets = new Float64Array(count);
  for (const array of [rows, offsets]) {
    // Copied, because what stands in the piece isn't aligned.
    bytesOf(array).set(bytes.subarray(at, at + array.byteLength));
    at += array.byteLength;
  }
  return { origin: { generation, path }, data: bytes.subarray(at), count, rows, offsets, fallbackTime };
}

function bytesOf(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
