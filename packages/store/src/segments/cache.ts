/** Parts of segment files that were read lately, up to a number of bytes. The least recently used go first. */
export class ReadCache {
  readonly #entries: Map<string, { readonly value: unknown; readonly bytes: number }> = new Map();
  readonly #limit: number;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** The value under a key, read now if it is not there. */
  get<T>(key: string, read: () => { readonly value: T; readonly bytes: number }): T {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.value as T;
    }
    const entry = read();
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#limit || oldest === key) {
        break;
      }
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
    return entry.value;
  }

  /** Forgets every key that starts with a prefix. */
  drop(prefix: string): void {
    for (const [key, { bytes }] of this.#entries) {
      if (key.startsWith(prefix)) {
        this.#entries.delete(key);
        this.#bytes -= bytes;
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }
}
