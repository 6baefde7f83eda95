/** How long answers are kept, ms, and how many. */
export interface LookupCacheOptions {
  readonly foundMs: number;
  readonly missingMs: number;
  readonly most: number;
  readonly now: () => number;
}

interface Entry<T> {
  readonly value: T | null;
  readonly until: number;
}

/**
 * Remembers what was found and what wasn't. Who asks for the same at the same time waits for one answer; a failure of the
 * lookup itself is an answer of null.
 */
export class LookupCache<T> {
  readonly #options: LookupCacheOptions;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #asked = new Map<string, Promise<T | null>>();

  constructor(options: LookupCacheOptions) {
    this.#options = options;
  }

  /** The value at once when it's remembered, else a promise of it. */
  get(key: string, look: (key: string) => Promise<T | null>): T | null | Promise<T | null> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.until > this.#options.now()) return entry.value;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const answer = look(key)
      .catch(() => null)
      .then((value) => {
        this.#asked.delete(key);
        this.set(key, value);
        return value;
      });
    this.#asked.set(key, answer);
    return answer;
  }

  set(key: string, value: T | null): void {
    const { foundMs, missingMs, most, now } = this.#options;
    this.#entries.delete(key);
    if (this.#entries.size >= most) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, until: now() + (value === null ? missingMs : foundMs) });
  }
}
