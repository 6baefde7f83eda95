import { mkdir, open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describeSystemError, UserError } from "@falco-efk/kit";
import { LetterIndex } from "./letter-index.ts";

/** A record that couldn't be delivered, with what is needed to find its cause and to send it again. */
export interface DeadLetter {
  /** The document id it had, or would have had. */
  readonly id: string;
  /** When it was put aside, ISO 8601. */
  readonly time: string;
  /** Who refused it: the sink's name, or `harvester`. */
  readonly by: string;
  readonly reason: string;
  readonly status: number;
  /** Where it came from. */
  readonly path: string;
  readonly generation: string;
  readonly offset: number;
  /** The event's time, ISO 8601; it decides the index when it's sent again. */
  readonly timestamp: string;
  /** The whole length in bytes; the content may be cut to its beginning. */
  readonly length: number;
  /** The record as text, or where it is not UTF-8, as base64. */
  readonly record: string;
  readonly encoding: "utf8" | "base64";
}

/**
 * The file of dead letters: one JSON line each, synced before anything is acknowledged. It may be read and appended to by
 * several processes; what is replayed or dropped is marked by a further line.
 */
export class DeadLetters {
  readonly file: string;
  #queue: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.file = file;
  }

  /** Adds letters and waits until they are on disk. */
  add(letters: readonly DeadLetter[]): Promise<void> {
    return this.#append(letters.map((letter) => JSON.stringify(letter)));
  }

  /** The letters that are neither replayed nor dropped, as they stand now. Close the index after use. */
  async open(): Promise<LetterIndex> {
    const handle = await open(this.file, "r").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw new UserError(describeSystemError(error), { code: "DEAD_LETTERS", file: this.file, cause: error });
    });
    return LetterIndex.of(handle);
  }

  /** All of them at once, oldest first; one refused twice stands once. */
  async list(): Promise<readonly DeadLetter[]> {
    await using index = await this.open();
    return await index.read(index.ids);
  }

  /** Takes letters out by id. */
  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#append(ids.map((id) => JSON.stringify({ removed: id })));
  }

  /** Rewrites the file without what was removed. Only for when nobody else adds letters. */
  async compact(): Promise<void> {
    await using index = await this.open();
    if (index.stale === 0) return;
    const fresh = `${this.file}.new`;
    const lines = (async function* () {
      for await (const letter of index.each(index.ids)) yield `${JSON.stringify(letter)}\n`;
    })();
    await writeFile(fresh, lines, { mode: 0o600, flush: true });
    await rename(fresh, this.file);
  }

  #append(lines: readonly string[]): Promise<void> {
    const next = this.#queue.then(async () => {
      await mkdir(dirname(this.file), { recursive: true });
      const handle = await open(this.file, "a", 0o600);
      try {
        // The leading newline closes a line that a crash cut off.
        await handle.appendFile(`\n${lines.join("\n")}\n`);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    });
    this.#queue = next.catch(() => undefined);
    return next;
  }
}
