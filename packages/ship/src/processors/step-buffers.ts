const STEP = 1 << 18;
const KEPT = 4;

/** Buffers that steps write their records into, used again once a batch is settled: a large file makes no garbage. */
export class StepBuffers {
  readonly #free: Buffer[] = [];

  /** A buffer of at least `size` bytes with any content. */
  take(size: number): Buffer {
    const at = this.#free.findIndex((buffer) => buffer.length >= size);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    return found ?? Buffer.allocUnsafeSlow(Math.ceil(size / STEP) * STEP);
  }

  /** A larger buffer with the first `used` bytes of `buffer` and room for `more`. */
  grow(buffer: Buffer, used: number, more: number): Buffer {
    const larger = this.take(Math.max(buffer.length * 2, used + more));
    buffer.copy(larger, 0, 0, used);
    this.give(buffer);
    return larger;
  }

  give(buffer: Buffer): void {
    if (this.#free.length < KEPT) this.#free.push(buffer);
  }
}
