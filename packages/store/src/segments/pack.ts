import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** The quickest level: the next ones cost more than a tenth more for a fiftieth less. */
const LEVEL = { [constants.ZSTD_c_compressionLevel]: 1 };
/** Bytes before what is compressed: how many it has unpacked. */
const PREFIX = 4;

/** Compresses bytes. Told how many they are, zstd takes only the memory that these need. */
export function pack(raw: Uint8Array): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX);
  prefix.writeUInt32LE(raw.length);
  return Buffer.concat([prefix, zstdCompressSync(raw, { params: LEVEL, pledgedSrcSize: raw.length })]);
}

/** Unpacks what `pack` gave, into one piece of memory of its size. */
export function unpack(packed: Buffer): Buffer {
  // With a byte more than it fills, zlib sees the end without asking for another piece.
  const chunkSize = Math.max(packed.readUInt32LE(0) + 1, constants.Z_MIN_CHUNK);
  return zstdDecompressSync(packed.subarray(PREFIX), { chunkSize });
}
