import { type FileHandle, open } from "node:fs/promises";
import type { FileKey } from "../registry/generation.ts";

/** What a carrier knows of its file. `links` is 0 once the file is deleted. */
export interface CarrierStat {
  readonly key: FileKey;
  readonly size: number;
  readonly modified: number;
  readonly links: number;
}

/** An open file that holds the bytes of a generation, plain or compressed. Positions count plain bytes. */
export interface Carrier {
  /** A compressed file is finished: it doesn't grow and is closed at its end. */
  readonly compressed: boolean;
  /** True once a compressed file has been read to an end that is whole. */
  readonly complete?: () => boolean;
  /** Reads up to `length` bytes at `position` into `target`; fewer only at the end of the file. */
  read(target: Buffer, length: number, position: number): Promise<number>;
  stat(): Promise<CarrierStat>;
  close(): Promise<void>;
}

/** Opens an uncompressed file. */
export async function openPlainCarrier(path: string): Promise<Carrier> {
  const handle = await open(path, "r");
  return {
    compressed: false,
    read: (target, length, position) => readFully(handle, target, length, position),
    stat: () => carrierStat(handle),
    close: () => handle.close(),
  };
}

/** Identity and size of an open file. */
export async function carrierStat(handle: FileHandle): Promise<CarrierStat> {
  return toCarrierStat(await handle.stat({ bigint: true }));
}

/** Identity and size out of Node's own answer. */
export function toCarrierStat(stat: {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthtimeNs: bigint;
  readonly size: bigint;
  readonly mtimeMs: bigint;
  readonly nlink: bigint;
}): CarrierStat {
  return {
    key: { device: String(stat.dev), inode: String(stat.ino), birth: String(stat.birthtimeNs) },
    size: Number(stat.size),
    modified: Number(stat.mtimeMs),
    links: Number(stat.nlink),
  };
}

async function readFully(handle: FileHandle, target: Buffer, length: number, position: number): Promise<number> {
  let got = 0;
  while (got < length) {
    const { bytesRead } = await handle.read(target, got, length - got, position + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return got;
}
