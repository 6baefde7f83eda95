import type { Generation, TimeMark } from "../registry/generation.ts";
import type { Registry } from "../registry/registry.ts";
import { ANCHOR_BYTES, HEAD_BYTES, headPrint, matchesHead } from "./head-print.ts";

interface Stretch {
  readonly end: number;
  readonly anchor: string;
  settled: boolean;
}

/** How far a generation has been read, and how far acknowledged: the second follows the first, stretch by stretch. */
export class Progress {
  readonly generation: Generation;
  /** Everything before it has been read. */
  readOffset: number;
  /** The last bytes before `readOffset`. */
  anchor: Buffer;
  readonly #registry: Registry;
  readonly #now: () => number;
  readonly #stretches: Stretch[] = [];
  #head: Buffer;
  #headGrew = false;
  #ended = false;

  /** `head` is the first bytes of the file as they are now, up to `HEAD_BYTES`. */
  constructor(generation: Generation, head: Buffer, registry: Registry, now: () => number) {
    this.generation = generation;
    this.readOffset = generation.offset;
    this.anchor = Buffer.from(generation.anchor, "base64");
    this.#head = Buffer.from(head.subarray(0, Math.min(HEAD_BYTES, this.readOffset)));
    this.#registry = registry;
    this.#now = now;
  }

  /** True when everything read is acknowledged. */
  get settled(): boolean {
    return this.#stretches.length === 0;
  }

  /**
   * True when `bytes`, read from the anchor on, go on where reading ended. At the very beginning there is no anchor, but the
   * head as it was first seen must still stand.
   */
  continuesIn(bytes: Buffer): boolean {
    if (this.readOffset === 0) return matchesHead(this.generation.head, bytes);
    return bytes.subarray(0, this.anchor.length).equals(this.anchor);
  }

  /**
   * Notes that `length` bytes from `readOffset` on have been read, of which `first` and `last` are the beginning and the
   * end. The function it answers is called once when all their records are delivered or dead-lettered.
   */
  advance(length: number, first: Buffer, last: Buffer): () => void {
    this.readOffset += length;
    this.anchor = Buffer.from(
      last.length >= ANCHOR_BYTES
        ? last.subarray(last.length - ANCHOR_BYTES)
        : Buffer.concat([this.anchor, last]).subarray(-ANCHOR_BYTES),
    );
    this.#growHead(first);
    const stretch: Stretch = { end: this.readOffset, anchor: this.anchor.toString("base64"), settled: false };
    this.#stretches.push(stretch);
    return () => {
      stretch.settled = true;
      this.#commit();
    };
  }

  /** The generation can't grow any more: it's done once the last stretch is acknowledged. */
  end(): void {
    this.#ended = true;
    this.#commit();
  }

  /** The mark that covers `readOffset`, or the next one after it. */
  nextMark(): TimeMark | null {
    let next: TimeMark | null = null;
    for (const mark of this.generation.marks) {
      if (mark.to > this.readOffset && (next === null || mark.from < next.from)) next = mark;
    }
    return next;
  }

  /** Fixes the time of records without their own in `[from, to)` and waits until it's on disk. */
  async mark(mark: TimeMark): Promise<void> {
    this.generation.marks.push(mark);
    await this.#registry.sync(this.generation);
  }

  /**
   * Waits until a fingerprint that grew is on disk. Only then may its lines be sent: after a crash and a copytruncate the
   * copy must be known by it.
   */
  async secureHead(): Promise<void> {
    if (!this.#headGrew) return;
    this.#headGrew = false;
    await this.#registry.sync(this.generation);
  }

  #growHead(bytes: Buffer): void {
    if (this.#head.length >= HEAD_BYTES) return;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)]);
    if (this.#head.length <= this.generation.head.length) return;
    this.generation.head = headPrint(this.#head);
    this.#headGrew = true;
  }

  #commit(): void {
    const { generation } = this;
    let last: Stretch | null = null;
    while (this.#stretches[0]?.settled === true) last = this.#stretches.shift() ?? null;
    if (last !== null) {
      generation.offset = last.end;
      generation.anchor = last.anchor;
      const { offset } = generation;
      if (generation.marks.length > 0) generation.marks = generation.marks.filter((mark) => mark.to > offset);
    }
    const done = this.#ended && this.settled;
    if (last === null && done === generation.done) return;
    generation.done = done;
    generation.updated = this.#now();
    this.#registry.touch(generation);
  }
}
