/** Bytes that a batch holds on to; `done` gives the memory back, once. */
export interface HeldBytes {
  readonly data: Buffer;
  readonly done: () => void;
}

const COPY_BELOW = 65_536;

/** Read buffers of one size that are used again: reading a large file makes no garbage. */
export class ReadBuffers {
  readonly size: number;
  readonly #free: Buffer[] = [];
  readonly #keep: number;

  constructor(size: number, keep: number) {
    this.size = size;
    this.#keep = keep;
  }

  /** A buffer of `size` bytes with any content. */
  take(size: number): Buffer {
    return (size === this.size ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
  }

  give(buffer: Buffer): void {
    if (buffer.length === this.size && this.#free.length < this.#keep) this.#free.push(buffer);
  }

  /** Lets a batch keep `bytes`, a part of `buffer`. A small part is copied, so that it doesn't pin a whole buffer. */
  keepOrCopy(buffer: Buffer, bytes: Buffer): HeldBytes {
    if (bytes.length < COPY_BELOW) {
      const data = Buffer.from(bytes);
      this.give(buffer);
      return { data, done: () => undefined };
    }
    let held = true;
    return {
      data: bytes,
      done: () => {
        if (held) this.give(buffer);
        held = false;
      },
    };
  }
}
