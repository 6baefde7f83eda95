/** A search has taken longer than it may. What it has until now is answered. */
export class SearchTimeoutError extends Error {
  constructor() {
    super("the search took longer than it may");
    this.name = "SearchTimeoutError";
  }
}

let deadline = Infinity;
let calls = 0;

/** Runs a part of a search, which awaits nothing, under a deadline in milliseconds of the process. */
export function underDeadline<T>(until: number, work: () => T): T {
  deadline = until;
  try {
    return work();
  } finally {
    deadline = Infinity;
  }
}

/** To be called in loops over very many values: throws `SearchTimeoutError` when the time is over. */
export function checkTime(): void {
  calls += 1;
  if ((calls & 511) === 0 && performance.now() > deadline) {
    throw new SearchTimeoutError();
  }
}
