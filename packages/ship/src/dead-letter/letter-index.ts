import type { FileHandle } from "node:fs/promises";
import type { DeadLetter } from "./dead-letters.ts";

/** Where a letter's line stands in the file, bytes. */
interface Place {
  readonly offset: number;
  readonly length: number;
}

type Entry = DeadLetter | { readonly removed: string };

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/** The letters that stand in a file at one moment, by their places: however many there are, only those asked for are read. */
export class LetterIndex implements AsyncDisposable {
  /** Lines that no longer count: of letters replayed, dropped or written again, and marks of that. */
  readonly stale: number;
  readonly #handle: FileHandle | null;
  readonly #places: ReadonlyMap<string, Place>;

  private constructor(handle: FileHandle | null, places: ReadonlyMap<string, Place>, lines: number) {
    this.#handle = handle;
    this.#places = places;
    this.stale = lines - places.size;
  }

  /** Reads through an open file, which the index closes; null is a file that isn't there. */
  static async of(handle: FileHandle | null): Promise<LetterIndex> {
    const places = new Map<string, Place>();
    let lines = 0;
    if (handle !== null) {
      for await (const [line, offset] of linesOf(handle)) {
        const entry = parse(line);
        if (entry === null) continue;
        lines += 1;
        const id = "removed" in entry ? entry.removed : entry.id;
        // One that is written again moves to the end.
        places.delete(id);
        if (!("removed" in entry)) places.set(id, { offset, length: line.length });
      }
    }
    return new LetterIndex(handle, places, lines);
  }

  /** The letters' ids, oldest first. */
  get ids(): readonly string[] {
    return [...this.#places.keys()];
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  /** The letters of these ids, one by one; an unknown id is passed over. */
  async *each(ids: Iterable<string>): AsyncGenerator<DeadLetter> {
    for (const id of ids) {
      const place = this.#places.get(id);
      if (place === undefined) continue;
      const line = Buffer.alloc(place.length);
      await this.#handle?.read(line, 0, place.length, place.offset);
      yield JSON.parse(line.toString("utf8")) as DeadLetter;
    }
  }

  /** The same at once. */
  async read(ids: Iterable<string>): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for await (const letter of this.each(ids)) letters.push(letter);
    return letters;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }
}

/** The whole lines of a file with their offsets, without the line break. Each is valid until the next is asked for. */
async function* linesOf(handle: FileHandle): AsyncGenerator<readonly [Buffer, number]> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let held = 0;
  let base = 0;
  for (;;) {
    if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const { bytesRead } = await handle.read(buffer, held, buffer.length - held, base + held);
    if (bytesRead === 0) return;
    held += bytesRead;
    let at = 0;
    for (let end = buffer.indexOf(NEWLINE); end >= 0 && end < held; end = buffer.indexOf(NEWLINE, at)) {
      if (end > at) yield [buffer.subarray(at, end), base + at];
      at = end + 1;
    }
    buffer.copy(buffer, 0, at, held);
    held -= at;
    base += at;
  }
}

/** Null for a line that a crash cut off. */
function parse(line: Buffer): Entry | null {
  try {
    return JSON.parse(line.toString("utf8")) as Entry;
  } catch {
    return null;
  }
}
