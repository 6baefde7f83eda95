import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Registry } from "../registry/registry.ts";

export interface SpoolOptions {
  readonly folder: string;
  /** A new file is begun after so many bytes. */
  readonly segmentBytes: number;
  /** Nothing more is taken while so many bytes aren't delivered. */
  readonly maxBytes: number;
}

/** Says that a spool has no room. */
export class SpoolFullError extends Error {
  constructor() {
    super("the spool is full");
    this.name = "SpoolFullError";
  }
}

/**
 * The disk queue of inputs that can't be read twice, such as HTTP and syslog: lines are appended to files of our own and
 * synced before they are accepted, and the files are followed like any others, with the same registry and the same ids.
 */
export class Spool {
  /** The file being written; finished ones have a number behind it. */
  readonly file: string;
  readonly #options: SpoolOptions;
  #handle: FileHandle | null = null;
  #size = 0;
  #finishedBytes = 0;
  #waiting: { readonly bytes: Buffer; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #writing: Promise<void> | null = null;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.file = join(options.folder, "spool.ndjson");
  }

  async open(): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true });
    this.#handle = await open(this.file, "a", 0o600);
    this.#size = (await this.#handle.stat()).size;
    // A crash may have left half a line; it was never accepted and must not join the next one.
    if (this.#size > 0) await this.append(Buffer.from("\n"));
  }

  /** Adds whole lines and resolves when they are on disk. Rejects with SpoolFullError when there is no room. */
  append(bytes: Buffer): Promise<void> {
    if (this.#size + this.#finishedBytes + bytes.length > this.#options.maxBytes) {
      return Promise.reject(new SpoolFullError());
    }
    const done = new Promise<void>((resolve, reject) => this.#waiting.push({ bytes, resolve, reject }));
    this.#writing ??= this.#write();
    return done;
  }

  /** Removes finished files of which everything is acknowledged. */
  async clean(registry: Registry): Promise<void> {
    this.#finishedBytes = 0;
    for (const name of await readdir(this.#options.folder)) {
      const path = join(this.#options.folder, name);
      if (path === this.file || !name.startsWith("spool.ndjson.")) continue;
      const { size } = await stat(path);
      const delivered = [...registry.generations.values()].some((known) => known.path === path && known.offset >= size);
      if (delivered) await unlink(path);
      else this.#finishedBytes += size;
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
    this.#handle = null;
  }

  /** Writes what has gathered with one sync, again and again until nothing waits. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        const bytes = Buffer.concat(batch.map((entry) => entry.bytes));
        await this.#handle?.appendFile(bytes);
        await this.#handle?.datasync();
        this.#size += bytes.length;
        if (this.#size >= this.#options.segmentBytes) await this.#rotate();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        await this.#handle?.truncate(this.#size).catch(() => undefined);
        for (const { reject } of batch) reject(error);
      }
    }
    // Here, not in a callback of the promise: who was just told may append before that runs.
    this.#writing = null;
  }

  async #rotate(): Promise<void> {
    await this.#handle?.close();
    await rename(this.file, `${this.file}.${String(Date.now()).slice(-6)}`);
    this.#handle = await open(this.file, "a", 0o600);
    this.#finishedBytes += this.#size;
    this.#size = 0;
  }
}
