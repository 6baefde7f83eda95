import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { DamagedFileError } from "./sections.ts";

const MAGIC = 0x4c414546;
/** Bytes before a batch: magic, length, CRC-32. */
export const BATCH_HEADER = 12;

/** Brings what was written to a file onto the disk. */
export type SyncFile = (fd: number) => Promise<void>;

const syncFile: SyncFile = promisify(fdatasync);

/**
 * A log that the disk failed to sync. The kernel may have dropped what it could not write, and a second try would
 * not tell: nothing more can be promised until the log is read again from the disk.
 */
export class SyncFailedError extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} could not be synced: ${(cause as Error).message}`, { cause });
    this.name = "SyncFailedError";
  }
}

/**
 * The log of one segment in memory: every accepted batch of records, appended before it is applied. It is also where
 * the sources of the segment's documents are read from.
 */
export class WriteLog {
  readonly path: string;
  readonly #fd: number;
  #length: number;
  #synced: number;
  #syncing: Promise<void> | null = null;
  #failed: SyncFailedError | null = null;
  #users = 1;
  readonly #syncFile: SyncFile;

  constructor(path: string, sync: SyncFile = syncFile) {
    this.path = path;
    this.#syncFile = sync;
    this.#fd = openSync(path, "a+", 0o640);
    this.#length = fstatSync(this.#fd).size;
    this.#synced = this.#length;
  }

  /** Bytes in the log. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends a batch; the first `BATCH_HEADER` bytes are filled in here. Gives the file offset of the batch's start.
   * When the disk refuses (it is full), nothing of the batch stays and the system's error is thrown. After a failed
   * sync nothing is taken any more: `SyncFailedError`.
   */
  append(batch: Buffer): number {
    if (this.#failed) {
      throw this.#failed;
    }
    batch.writeUInt32LE(MAGIC, 0);
    batch.writeUInt32LE(batch.length - BATCH_HEADER, 4);
    batch.writeUInt32LE(crc32(batch.subarray(BATCH_HEADER)), 8);
    const start = this.#length;
    let done = 0;
    try {
      while (done < batch.length) {
        done += writeSync(this.#fd, batch, done);
      }
    } catch (error) {
      ftruncateSync(this.#fd, start);
      throw error;
    }
    this.#length += batch.length;
    return start;
  }

  /**
   * Resolves once everything appended before the call is on the disk. Calls at the same time share one sync. Once a
   * sync has failed, this and every later call throws `SyncFailedError`.
   */
  async sync(): Promise<void> {
    const target = this.#length;
    while (this.#synced < target) {
      if (this.#failed) {
        throw this.#failed;
      }
      this.#syncing ??= this.#syncNow();
      await this.#syncing;
    }
  }

  /** Brings everything onto the disk before it returns: for what must not be written before the log is safe. */
  syncNow(): void {
    if (this.#failed) {
      throw this.#failed;
    }
    if (this.#synced < this.#length) {
      try {
        fdatasyncSync(this.#fd);
      } catch (error) {
        this.#failed = new SyncFailedError(this.path, error);
        throw this.#failed;
      }
      this.#synced = this.#length;
    }
  }

  async #syncNow(): Promise<void> {
    const reached = this.#length;
    try {
      await this.#syncFile(this.#fd);
      this.#synced = Math.max(this.#synced, reached);
    } catch (error) {
      this.#failed = new SyncFailedError(this.path, error);
      throw this.#failed;
    } finally {
      this.#syncing = null;
    }
  }

  /** Reads bytes at an offset. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (count === 0) {
        throw new DamagedFileError(this.path, "it is too short");
      }
      done += count;
    }
    return bytes;
  }

  /** Cuts what follows an offset. */
  truncate(length: number): void {
    ftruncateSync(this.#fd, length);
    this.#length = length;
    this.#synced = Math.min(this.#synced, length);
  }

  retain(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) {
      closeSync(this.#fd);
    }
  }
}

/** A batch of a log, without its header, and where it starts in the file. */
export interface LoggedBatch {
  readonly start: number;
  readonly bytes: Buffer;
}

/**
 * The batches of a log. An unfinished last batch was never acknowledged: `onTail` is told where it begins. Damage
 * before other whole batches throws `DamagedFileError`, unless `skipDamage` asks to go on behind it.
 */
export function* readBatches(
  log: WriteLog,
  onTail: (offset: number) => void,
  skipDamage?: (from: number, to: number) => void,
): Generator<LoggedBatch> {
  let at = 0;
  while (at < log.length) {
    const batch = batchAt(log, at);
    if (batch) {
      yield { start: at, bytes: batch };
      at += BATCH_HEADER + batch.length;
      continue;
    }
    const next = nextBatch(log, at + 1);
    if (next === null) {
      onTail(at);
      return;
    }
    if (!skipDamage) {
      throw new DamagedFileError(log.path, `bytes ${at} to ${next} have a wrong checksum`);
    }
    skipDamage(at, next);
    at = next;
  }
}

function batchAt(log: WriteLog, at: number): Buffer | null {
  if (at + BATCH_HEADER > log.length) {
    return null;
  }
  const header = log.read(at, BATCH_HEADER);
  const length = header.readUInt32LE(4);
  if (header.readUInt32LE(0) !== MAGIC || at + BATCH_HEADER + length > log.length) {
    return null;
  }
  const bytes = log.read(at + BATCH_HEADER, length);
  return crc32(bytes) === header.readUInt32LE(8) ? bytes : null;
}

function nextBatch(log: WriteLog, from: number): number | null {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(MAGIC);
  const window = 1 << 20;
  for (let start = from; start < log.length; start += window) {
    const bytes = log.read(start, Math.min(window + 3, log.length - start));
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      if (batchAt(log, start + at)) {
        return start + at;
      }
    }
  }
  return null;
}
