import { type Hit, readHit } from "../data/hit.ts";
import { search } from "../state/elastic.ts";
import { type EventQuestion, eventQuery } from "./load-events.ts";

const PAGE = 5_000;
/** Where an export ends: beyond it a browser's memory is the limit. */
export const EXPORT_LIMIT = 100_000;

export interface ExportOutcome {
  readonly hits: readonly Hit[];
  /** Why not everything is there, or null. */
  readonly cut: string | null;
}

type RawHit = Parameters<typeof readHit>[0];

/**
 * All events of a question, newest first, in pages. A page begins where the last one ended, time included, and drops
 * what it has already: so events of the same instant at a page's border are neither lost nor doubled.
 */
export async function exportEvents(
  question: Omit<EventQuestion, "size" | "sort">,
  onProgress: (count: number) => void,
): Promise<ExportOutcome> {
  const field = question.view.timeFieldName;
  const hits: Hit[] = [];
  const seen = new Set<string>();
  let until: unknown;
  while (hits.length < EXPORT_LIMIT) {
    const base = eventQuery(question);
    const query =
      until === undefined || field === undefined
        ? base
        : { bool: { filter: [base, { range: { [field]: { lte: until as string } } }] } };
    const sort =
      field === undefined
        ? ["_doc"]
        : [{ [field]: { order: "desc" as const, format: "strict_date_optional_time_nanos" } }];
    const answer = await search(question.view.title, { size: PAGE, query, sort, track_total_hits: false });
    const page = answer.hits.hits;
    const fresh = page.filter((hit) => !seen.has(`${hit._index} ${hit._id}`));
    for (const hit of fresh) {
      seen.add(`${hit._index} ${hit._id}`);
      hits.push(readHit(hit as RawHit));
    }
    onProgress(hits.length);
    if (page.length < PAGE) return { hits, cut: null };
    const end = page.at(-1)?.sort?.[0];
    if (fresh.length === 0 || field === undefined || end === undefined) {
      return { hits, cut: `more than ${PAGE} events carry the same time: the export ends there` };
    }
    until = typeof end === "bigint" ? end.toString() : end;
  }
  return { hits: hits.slice(0, EXPORT_LIMIT), cut: `the export ends at ${EXPORT_LIMIT} events` };
}

/** Hands a text to the browser as a file to keep. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
