import { setTimeout as delay } from "node:timers/promises";

export interface BackoffOptions {
  /** First wait, ms. */
  readonly initialMs: number;
  /** Longest wait, ms. */
  readonly maximumMs: number;
  readonly random: () => number;
}

/** Waits that double up to a maximum, each cut at random by up to half, so that many shippers don't return at once. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempt = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  reset(): void {
    this.#attempt = 0;
  }

  /** The next wait in ms. */
  next(): number {
    const { initialMs, maximumMs, random } = this.#options;
    const full = Math.min(maximumMs, initialMs * 2 ** Math.min(this.#attempt, 30));
    this.#attempt += 1;
    return full * (1 - random() / 2);
  }

  /** Waits; rejects with the signal's reason when it aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    await delay(this.next(), undefined, { signal });
  }
}
