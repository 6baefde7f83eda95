const STEP = 1 << 18;

/** Buffers for request bodies, used again: a body of a megabyte for every thousand lines would keep the collector busy. */
export class BodyBuffers {
  readonly #free: Buffer[] = [];

  /** A buffer of at least `size` bytes. */
  take(size: number): Buffer {
    const at = this.#free.findIndex((buffer) => buffer.length >= size);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    return found ?? Buffer.allocUnsafeSlow(Math.ceil(size / STEP) * STEP);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < 3) this.#free.push(buffer);
  }
}
