import { nanosToMs } from "../values/dates.ts";
import type { Catalog } from "./catalog.ts";
import type { StoredIndex } from "./stored-index.ts";
import { matchesAny } from "./templates.ts";

/** What retention removes. Only indices that fit the pattern are ever removed. */
export interface RetentionOptions {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly pattern: string;
}

const EVERY_MS = 60_000;
const MINUTES_UNTIL_IDLE = 10;

/** Removes old indices now and then. Gives the function that stops it. */
export function startRetention(catalog: Catalog, options: RetentionOptions): () => void {
  const timer = setInterval(() => {
    retain(catalog, options);
    rest(catalog);
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Removes what is too old, then the oldest while all together are too large. Gives the names that are gone. */
export function retain(catalog: Catalog, options: RetentionOptions): string[] {
  const { now, log } = catalog.options;
  const gone: string[] = [];
  const candidates = [...catalog.indices.values()]
    .filter((index) => matchesAny(options.pattern, index.name))
    .map((index) => ({ index, newest: newestEvent(index) }))
    .sort((a, b) => a.newest - b.newest);
  let bytes = candidates.reduce((sum, { index }) => sum + index.bytes, 0);
  for (const { index, newest } of candidates) {
    const tooOld = now() - newest > options.maxAgeMs;
    // The newest index is being written: size alone never removes it.
    const tooLarge = bytes > options.maxBytes && gone.length < candidates.length - 1;
    if (tooOld || tooLarge) {
      bytes -= index.bytes;
      log(
        "info",
        `retention removes ${index.name}: ${tooOld ? "its events are too old" : "the indices are too large"}`,
      );
      catalog.remove(index);
      gone.push(index.name);
    }
  }
  return gone;
}

/** Gives back the memory that only writing needs where nothing has been written for a while. */
function rest(catalog: Catalog): void {
  for (const index of catalog.indices.values()) {
    if (catalog.options.now() - index.lastWrite > MINUTES_UNTIL_IDLE * 60_000) {
      index.forgetFilter();
    }
  }
}

/** The time of an index's newest event, in milliseconds; when it was made if it has none. */
function newestEvent(index: StoredIndex): number {
  const field = index.mapping.fields.get("@timestamp");
  let newest: number | null = null;
  for (const segment of index.segments) {
    const column = segment.column("@timestamp");
    if (!column || column.size === 0 || field?.type.family !== "date") {
      continue;
    }
    column.scan(column.sorted ? column.size : 1, column.size, (value) => {
      const ms = field.typeName === "date_nanos" ? nanosToMs(value as bigint) : (value as number);
      newest = newest === null || ms > newest ? ms : newest;
    });
  }
  return newest ?? index.created;
}
