import type { FileHandle } from "node:fs/promises";

const WINDOW_BYTES = 1024 * 1024;

/** A file read from front to back in large pieces, however small those are that are asked for. */
export class FileWindow {
  readonly #file: FileHandle;
  #start = 0;
  #bytes: Buffer<ArrayBuffer> = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** `length` bytes at a position, fewer where the file ends before. */
  async at(position: number, length: number): Promise<Buffer<ArrayBuffer>> {
    const from = position - this.#start;
    if (from < 0 || from + length > this.#bytes.length) {
      this.#bytes = await this.#read(position, Math.max(length, WINDOW_BYTES));
      this.#start = position;
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(from, from + length);
  }

  async #read(position: number, length: number): Promise<Buffer<ArrayBuffer>> {
    const bytes = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#file.read(bytes, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }
}
