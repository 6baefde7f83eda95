import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";

/** Bytes before each piece: its length and its CRC-32. */
const HEAD_BYTES = 8;

/** Writes pieces to a file of its own. What `append` resolved for is on disk; a failed one leaves the file as it was. */
export class SegmentWriter {
  readonly file: string;
  length = 0;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.#handle = handle;
  }

  static async create(file: string): Promise<SegmentWriter> {
    const flags = constants.O_CREAT | constants.O_TRUNC | constants.O_RDWR;
    const handle = await open(file, flags, 0o600);
    // Its name must be on disk too, or a power cut takes what was synced.
    const folder = await open(dirname(file), "r");
    await folder.sync().finally(() => folder.close());
    return new SegmentWriter(file, handle);
  }

  async append(pieces: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(pieces.flatMap((piece) => [headOf(piece), piece]));
    try {
      for (let written = 0; written < bytes.length; ) {
        const at = this.length + written;
        written += (await this.#handle.write(bytes, written, bytes.length - written, at)).bytesWritten;
      }
      await this.#handle.datasync();
    } catch (error) {
      await this.#handle.truncate(this.length).catch(() => undefined);
      throw error;
    }
    this.length += bytes.length;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** A piece in a segment and where the next one begins. */
export interface StoredPiece {
  readonly piece: Buffer;
  readonly next: number;
}

/** Reads the piece at a position, or null where a whole one doesn't stand: the end, or a write that a crash cut off. */
export async function readPiece(file: string, position: number): Promise<StoredPiece | null> {
  const handle = await open(file, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    if ((await handle.read(head, 0, HEAD_BYTES, position)).bytesRead < HEAD_BYTES) return null;
    const length = head.readUInt32LE(0);
    if (length > (await handle.stat()).size - position - HEAD_BYTES) return null;
    const piece = Buffer.allocUnsafe(length);
    await handle.read(piece, 0, length, position + HEAD_BYTES);
    return crc32(piece) === head.readUInt32LE(4) ? { piece, next: position + HEAD_BYTES + length } : null;
  } finally {
    await handle.close();
  }
}

function headOf(piece: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(piece.length, 0);
  head.writeUInt32LE(crc32(piece), 4);
  return head;
}
