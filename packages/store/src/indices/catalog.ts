import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ComponentTemplate, IndexTemplate, TemplateBody } from "@falco-efk/elastic";
import { diskFull, ElasticError, isFullDisk } from "../errors.ts";
import { makePause } from "../pause.ts";
import { ReadCache } from "../segments/cache.ts";
import { writeFileDurably } from "../segments/write-file.ts";
import type { SyncFile } from "../segments/write-log.ts";
import { checkIndexName } from "./index-name.ts";
import { type DiskAccess, StoredIndex } from "./stored-index.ts";
import { mergeBodies, Templates } from "./templates.ts";

/** How a catalog uses memory and disk. */
export interface CatalogOptions {
  readonly directory: string;
  /** Bytes of segment files to keep in memory. */
  readonly cacheBytes: number;
  /** Documents that may be in logs only, over all indices: what an opening has to read again. */
  readonly unsealedDocuments: number;
  readonly now: () => number;
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
  /** Brings a log onto the disk; fdatasync when it is not given. */
  readonly sync?: SyncFile | undefined;
}

/** A log beyond this is sealed however few its documents are. */
const LOG_BYTES = 64 << 20;
/** Segments that may wait in memory while none can be written as a file. */
const MOST_WAITING = 4;
const RETRY_MS = 1000;
/** Documents in memory that are worth a file of their own once nothing more has come for a while. */
const REST_DOCUMENTS = 2000;
const REST_MS = 5000;
const MERGE_RETRY_MS = 60_000;

/** Every index of a data directory, and the templates for new ones. */
export class Catalog {
  readonly options: CatalogOptions;
  readonly cache: ReadCache;
  readonly indices: Map<string, StoredIndex> = new Map();
  readonly templates: Templates;
  #sealing: Promise<void> | null = null;
  #sealFailed: unknown = null;
  #merging: Promise<void> | null = null;
  /** Not before this, in milliseconds of the process: a merge has failed. */
  #mergeAfter = 0;
  #refusal: ElasticError | null = null;
  readonly #closing: AbortController = new AbortController();

  /** Opens a data directory, making it when it is not there. */
  constructor(options: CatalogOptions) {
    this.options = options;
    this.cache = new ReadCache(options.cacheBytes);
    mkdirSync(this.#indicesPath, { recursive: true, mode: 0o750 });
    this.templates = readTemplates(this.#templatesPath);
    for (const name of readdirSync(this.#indicesPath).sort()) {
      const index = StoredIndex.open(join(this.#indicesPath, name), this.#disk);
      if (index) {
        this.indices.set(name, index);
      }
    }
    this.seal();
    this.merge();
  }

  /** Makes an index from the templates and a request's body. Throws 400 when it exists. */
  create(name: string, body: TemplateBody = {}): StoredIndex {
    checkIndexName(name);
    const existing = this.indices.get(name);
    if (existing) {
      throw new ElasticError(
        400,
        "resource_already_exists_exception",
        `index [${name}/${existing.uuid}] already exists`,
        { index_uuid: existing.uuid, index: name },
      );
    }
    if (this.aliasTargets(name).length > 0) {
      throw new ElasticError(
        400,
        "invalid_index_name_exception",
        `Invalid index name [${name}], already exists as alias`,
      );
    }
    const { settings, mappings, aliases } = mergeBodies([this.templates.resolve(name), body]);
    const index = StoredIndex.create(
      join(this.#indicesPath, name),
      { name, settings, mappings, aliases, now: this.options.now() },
      this.#disk,
    );
    this.indices.set(name, index);
    return index;
  }

  /** Removes an index and its files. */
  remove(index: StoredIndex): void {
    this.indices.delete(index.name);
    index.remove();
  }

  /** The indices that have an alias. */
  aliasTargets(alias: string): StoredIndex[] {
    return [...this.indices.values()].filter((index) => index.aliases[alias] !== undefined);
  }

  /** Keeps the templates on the disk. */
  saveTemplates(): void {
    const { index, component } = this.templates;
    writeFileDurably(this.#templatesPath, JSON.stringify({ index: [...index], component: [...component] }));
  }

  /** To be called after writes: starts sealing what has grown. */
  afterWrite(index: StoredIndex): void {
    index.lastWrite = this.options.now();
    if (index.memory.log.length >= LOG_BYTES) {
      this.#rotate(index);
    }
    let unsealed = 0;
    let fullest = index;
    for (const other of this.indices.values()) {
      unsealed += other.memory.documents;
      if (other.memory.documents > fullest.memory.documents) {
        fullest = other;
      }
    }
    if (unsealed >= this.options.unsealedDocuments) {
      this.#rotate(fullest);
    }
    this.seal();
  }

  /**
   * Resolves when there is room for writes: sealing must not fall behind by more than a few segments. Throws 429 while
   * it cannot go on, and 503 once the disk has failed to sync.
   */
  async roomForWrites(): Promise<void> {
    while (this.#sealing && this.#waiting() > 1 && !this.#sealFailed) {
      await this.#sealing;
    }
    if (this.#refusal) {
      throw this.#refusal;
    }
    if (this.#sealFailed && this.#waiting() > MOST_WAITING) {
      throw isFullDisk(this.#sealFailed)
        ? diskFull("_all")
        : new ElasticError(429, "es_rejected_execution_exception", "segments cannot be written: see the log");
    }
  }

  /**
   * Ends writing until the next start, since the disk has failed to sync: what it holds is only known by reading it
   * again. Gives what to answer. Searches go on.
   */
  refuseWrites(cause: unknown): ElasticError {
    if (!this.#refusal) {
      const reason = `writes are refused since ${(cause as Error).message}. Look after the disk, then start the store again`;
      this.#refusal = new ElasticError(503, "cluster_block_exception", reason);
      this.options.log("error", reason);
    }
    return this.#refusal;
  }

  /** Seals waiting segments in the background. */
  seal(): void {
    if (this.#refusal || this.#sealing || this.#closing.signal.aborted || this.#waiting() === 0) {
      return;
    }
    this.#sealing = this.#sealNext().finally(() => {
      this.#sealing = null;
      this.seal();
      this.merge();
    });
  }

  /** Gives back memory while nothing is asked or written: what was read, and documents that wait for more to come. */
  rest(): void {
    this.cache.clear();
    for (const index of this.indices.values()) {
      if (index.memory.documents >= REST_DOCUMENTS && this.options.now() - index.lastWrite > REST_MS) {
        this.#rotate(index);
      }
    }
    this.seal();
  }

  /** Merges small segments in the background, one merge at a time. */
  merge(): void {
    if (this.#refusal || this.#merging || this.#closing.signal.aborted || performance.now() < this.#mergeAfter) {
      return;
    }
    let more = false;
    const run = async (): Promise<void> => {
      for (const index of [...this.indices.values()]) {
        try {
          more = (await index.merge()) || more;
        } catch (error) {
          if (this.#closing.signal.aborted) {
            return;
          }
          this.options.log("error", `merging segments of ${index.name} failed: ${(error as Error).message}`);
          this.#mergeAfter = performance.now() + MERGE_RETRY_MS;
          return;
        }
      }
    };
    this.#merging = run().finally(() => {
      this.#merging = null;
      if (more) {
        this.merge();
      }
    });
  }

  /** Resolves when nothing waits to be sealed or merged. */
  async settled(): Promise<void> {
    while (this.#sealing || this.#merging) {
      await (this.#sealing ?? this.#merging);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sealing;
    await Promise.all([...this.indices.values()].map((index) => index.stopMerge()));
    await this.#merging;
    for (const index of this.indices.values()) {
      if (!this.#refusal) {
        await index.memory.log.sync();
      }
      index.close();
    }
  }

  async #sealNext(): Promise<void> {
    for (const index of this.indices.values()) {
      if (index.frozen.length === 0) {
        continue;
      }
      try {
        await index.sealOldest(makePause());
        this.#sealFailed = null;
      } catch (error) {
        // The documents are safe in their log; sealing is tried again after a while.
        if (!this.#sealFailed) {
          this.options.log("error", `sealing a segment of ${index.name} failed: ${(error as Error).message}`);
        }
        this.#sealFailed = error;
        await setTimeout(RETRY_MS, null, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
      }
      return;
    }
  }

  #rotate(index: StoredIndex): void {
    try {
      index.rotate();
    } catch (error) {
      // The current segment goes on; the next write tries again.
      this.options.log("warn", `a new segment of ${index.name} cannot begin: ${(error as Error).message}`);
    }
  }

  get #disk(): DiskAccess {
    return { cache: this.cache, sync: this.options.sync };
  }

  #waiting(): number {
    let count = 0;
    for (const index of this.indices.values()) {
      count += index.frozen.length;
    }
    return count;
  }

  get #indicesPath(): string {
    return join(this.options.directory, "indices");
  }

  get #templatesPath(): string {
    return join(this.options.directory, "templates.json");
  }
}

function readTemplates(path: string): Templates {
  try {
    const stored = JSON.parse(readFileSync(path, "utf8")) as {
      index: [string, IndexTemplate][];
      component: [string, ComponentTemplate][];
    };
    return new Templates(stored.index, stored.component);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return new Templates();
    }
    throw error;
  }
}
