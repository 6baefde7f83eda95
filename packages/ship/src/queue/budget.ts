/** A bounded amount of bytes and records in flight, with waiting for room and for emptiness. */
export class Budget {
  readonly #maxBytes: number;
  #bytes = 0;
  #records = 0;
  #closed = false;
  #roomWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#records;
  }

  /** Resolves when less than the maximum is in flight, or the budget is closed. */
  async room(): Promise<void> {
    while (this.#bytes >= this.#maxBytes && !this.#closed) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  take(bytes: number, records: number): void {
    this.#bytes += bytes;
    this.#records += records;
  }

  give(bytes: number, records: number): void {
    this.#bytes -= bytes;
    this.#records -= records;
    if (this.#bytes < this.#maxBytes) wake(this.#roomWaiters);
    if (this.#records === 0) wake(this.#idleWaiters);
  }

  /** Resolves when nothing is in flight or `signal` aborts. */
  async empty(signal: AbortSignal): Promise<void> {
    if (this.#records === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Lets everybody who waits for room go. */
  close(): void {
    this.#closed = true;
    wake(this.#roomWaiters);
  }
}

function wake(waiters: (() => void)[]): void {
  for (const resolve of waiters.splice(0)) resolve();
}
