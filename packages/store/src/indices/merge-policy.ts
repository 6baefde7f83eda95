import type { Segment } from "../segments/segment.ts";

/** Documents and bytes that a merged segment may have. */
const MOST_DOCUMENTS = 500_000;
const MOST_BYTES = 1 << 30;
/** Segments of about the same size that are merged: so many at least, so many at most. */
const LEAST_SEGMENTS = 12;
const MOST_SEGMENTS = 20;
/** Segments beyond this are merged only to be rid of deleted documents. */
const FULL = 200_000;
/** Sizes that are of one tier lie within a factor of ten; everything below this is of the lowest. */
const LOWEST_TIER = 5_000;
/** A segment of which this part is deleted is written again, alone if need be. */
const MUCH_DELETED = 0.3;

/** Chooses the segments of an index that should become one; none when all is well. Those that once failed are left out. */
export function chooseMerge<T extends Segment>(segments: readonly T[], failed: ReadonlySet<number>): T[] {
  const candidates = segments.filter((segment) => !failed.has(segment.number));
  const tiers = new Map<number, T[]>();
  for (const segment of candidates) {
    const alive = segment.documents - segment.deletedCount;
    if (alive < FULL && segment.bytes < MOST_BYTES / 2) {
      const tier = Math.floor(Math.log10(Math.max(alive, LOWEST_TIER) / LOWEST_TIER));
      tiers.set(tier, [...(tiers.get(tier) ?? []), segment]);
    }
  }
  for (const tier of tiers.values()) {
    if (tier.length >= LEAST_SEGMENTS) {
      const chosen = fitting(tier);
      if (chosen.length > 1) {
        return chosen;
      }
    }
  }
  const worst = candidates.find(
    ({ documents, deletedCount }) => deletedCount > documents * MUCH_DELETED && deletedCount > 0,
  );
  return worst ? [worst] : [];
}

/** The oldest ones that together stay within the limits. */
function fitting<T extends Segment>(tier: readonly T[]): T[] {
  const chosen: T[] = [];
  let documents = 0;
  let bytes = 0;
  for (const segment of tier) {
    documents += segment.documents - segment.deletedCount;
    bytes += segment.bytes;
    if (documents > MOST_DOCUMENTS || bytes > MOST_BYTES || chosen.length === MOST_SEGMENTS) {
      break;
    }
    chosen.push(segment);
  }
  return chosen;
}
