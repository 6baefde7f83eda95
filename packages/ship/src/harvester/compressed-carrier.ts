import { type FileHandle, open } from "node:fs/promises";
import { Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { type Carrier, carrierStat } from "./carrier.ts";

/** True for the names of compressed files that can be read. */
export function isCompressedName(path: string): boolean {
  return /\.(?:gz|zst)$/.test(path);
}

/**
 * Opens a gzip or zstd file. It's read from the front: going back starts over. A file whose end is missing (still being
 * written) gives what is there, as if it ended so far; a later look goes on.
 */
export async function openCompressedCarrier(path: string): Promise<Carrier> {
  const handle = await open(path, "r");
  let reader: PlainReader | null = null;
  return {
    compressed: true,
    complete: () => reader?.complete === true,
    async read(target, length, position) {
      if (reader === null || reader.position > position || reader.broken) {
        await reader?.close();
        reader = new PlainReader(handle, path.endsWith(".gz") ? createGunzip() : createZstdDecompress());
      }
      await reader.skip(position - reader.position);
      return reader.position < position ? 0 : reader.read(target, length);
    },
    stat: () => carrierStat(handle),
    async close() {
      await reader?.close();
      await handle.close();
    },
  };
}

/** Reads plain bytes out of a decompressing stream in order. */
class PlainReader {
  position = 0;
  broken = false;
  complete = false;
  readonly #source: Readable;
  readonly #plain: Transform;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle, plain: Transform) {
    // Reads go through the handle, never its number: a number may belong to another file by the time of a late read.
    this.#source = Readable.from(chunksOf(handle));
    this.#source.on("error", (error) => plain.destroy(error));
    this.#plain = this.#source.pipe(plain);
    this.#chunks = this.#plain[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async skip(count: number): Promise<void> {
    let left = count;
    while (left > 0) {
      if (this.#chunk.length === 0 && !(await this.#next())) return;
      const part = Math.min(left, this.#chunk.length);
      this.#take(part);
      left -= part;
    }
  }

  async read(target: Buffer, length: number): Promise<number> {
    let got = 0;
    while (got < length) {
      if (this.#chunk.length === 0 && !(await this.#next())) break;
      const part = Math.min(length - got, this.#chunk.length);
      this.#chunk.copy(target, got, 0, part);
      this.#take(part);
      got += part;
    }
    return got;
  }

  async close(): Promise<void> {
    this.#source.destroy();
    this.#plain.destroy();
    await this.#chunks.return?.().catch(() => undefined);
  }

  #take(count: number): void {
    this.#chunk = this.#chunk.subarray(count);
    this.position += count;
  }

  async #next(): Promise<boolean> {
    if (this.broken) return false;
    try {
      const step = await this.#chunks.next();
      if (step.done === true) {
        this.complete = true;
        this.broken = true;
        return false;
      }
      this.#chunk = step.value;
      return true;
    } catch {
      this.broken = true;
      return false;
    }
  }
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Buffer> {
  let position = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(65_536), 0, 65_536, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
