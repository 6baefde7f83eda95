/** A gate that reading passes through; closed while the registry can't be written. */
export class Gate {
  #waiting: Promise<void> | null = null;
  #open: () => void = () => undefined;

  close(): void {
    this.#waiting ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
    this.#waiting = null;
  }

  /** Opens for good, so that whoever waits can end. */
  abandon(): void {
    this.open();
    this.close = () => undefined;
  }

  /** Null when open; else a promise of the opening. */
  opened(): Promise<void> | null {
    return this.#waiting;
  }
}
