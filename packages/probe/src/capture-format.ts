import { crc32, zstdCompressSync } from "node:zlib";
import { LAYOUT } from "./frame-layout.ts";

/*
 * A capture is the magic, then blocks. A block is a head of 20 bytes and its bytes, compressed with zstd:
 *   u32 mark, u32 kind, u32 length when unpacked, u32 length as stored, u32 CRC-32 of the stored bytes
 * Numbers are little-endian. The first block is META; STATE follows, then FRAMES as they came. FRAMES starts with the
 * clock's offset as a signed 64-bit number.
 */

/** The first bytes of a capture; the last character is the format's version. */
export const CAPTURE_MAGIC = "falco-efk capture 1\n";

export const BLOCK_HEAD = 20;
const BLOCK_MARK = 0x4b4c4246;
/** No block is longer when unpacked: what a damaged length may ask for. */
const BLOCK_LIMIT = 64 * 1024 * 1024;

export const META = 1;
export const STATE = 2;
export const FRAMES = 3;

/** What a capture says about itself. */
export interface CaptureMeta {
  /** The frames' layout; a reader of another one refuses. */
  readonly frameVersion: number;
  readonly frameBytes: number;
  /** Wall-clock time of the start, nanoseconds since the epoch, as text. */
  readonly started: string;
  readonly hostname: string;
  readonly kernel: string;
  readonly cgroupController: string;
}

export interface BlockHead {
  readonly kind: number;
  readonly length: number;
  readonly stored: number;
  readonly checksum: number;
}

/** A block that is ready to be written. */
export function packBlock(kind: number, bytes: Uint8Array): Buffer {
  const packed = zstdCompressSync(bytes);
  const block = Buffer.allocUnsafe(BLOCK_HEAD + packed.length);
  block.writeUInt32LE(BLOCK_MARK, 0);
  block.writeUInt32LE(kind, 4);
  block.writeUInt32LE(bytes.length, 8);
  block.writeUInt32LE(packed.length, 12);
  block.writeUInt32LE(crc32(packed), 16);
  packed.copy(block, BLOCK_HEAD);
  return block;
}

/** Reads a block's head; null where there is none. */
export function readBlockHead(bytes: Buffer): BlockHead | null {
  if (bytes.length < BLOCK_HEAD || bytes.readUInt32LE(0) !== BLOCK_MARK) return null;
  const head = {
    kind: bytes.readUInt32LE(4),
    length: bytes.readUInt32LE(8),
    stored: bytes.readUInt32LE(12),
    checksum: bytes.readUInt32LE(16),
  };
  return head.length > BLOCK_LIMIT || head.stored > BLOCK_LIMIT ? null : head;
}

/** The layout this build reads and writes. */
export const LAYOUT_OF_FRAMES: Pick<CaptureMeta, "frameVersion" | "frameBytes"> = {
  frameVersion: LAYOUT.FRAME_VERSION,
  frameBytes: LAYOUT["frame.bytes"],
};

/** JSON that keeps bigints. */
export function encodeState(state: unknown): string {
  return JSON.stringify(state, (_, value) => (typeof value === "bigint" ? { $bigint: String(value) } : value));
}

/** Reads what encodeState wrote. */
export function decodeState(text: string): unknown {
  return JSON.parse(text, (_, value) =>
    typeof value === "object" && value !== null && typeof value.$bigint === "string" ? BigInt(value.$bigint) : value,
  );
}
