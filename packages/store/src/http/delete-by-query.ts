import type { Catalog } from "../indices/catalog.ts";
import type { StoredIndex } from "../indices/stored-index.ts";
import { WriteBatch } from "../indices/write-batch.ts";
import { makePause } from "../pause.ts";
import { compileQuery } from "../query/compile.ts";
import { andMasks, maskDocuments } from "../query/mask.ts";
import { SegmentView } from "../query/segment-view.ts";

/** Deletes what a query matches at the time of the call, durably. Gives Elasticsearch's answer. */
export async function deleteByQuery(
  catalog: Catalog,
  indices: readonly StoredIndex[],
  query: unknown,
  most: number,
): Promise<Record<string, unknown>> {
  const started = performance.now();
  const pause = makePause();
  await catalog.roomForWrites();
  let deleted = 0;
  for (const index of indices) {
    const matcher = compileQuery({ indexName: index.name, mapping: index.mapping, now: catalog.options.now() }, query);
    // All are held from the start: sealing may replace one while an earlier one is gone through.
    const segments = index.segments;
    segments.forEach((segment) => {
      segment.retain();
    });
    try {
      for (const segment of segments) {
        const view = new SegmentView(segment);
        const documents = maskDocuments(andMasks(matcher(view), view.alive()), view.documents).slice(
          0,
          Math.max(0, most - deleted),
        );
        const ids = Array.from(documents, (document) => segment.read(document).id);
        const batch = new WriteBatch(index);
        for (const id of ids) {
          deleted += batch.delete(id).result === "deleted" ? 1 : 0;
        }
        batch.commit();
        await batch.sync().catch((error: unknown) => {
          throw catalog.refuseWrites(error);
        });
        await pause();
      }
    } finally {
      segments.forEach((segment) => {
        segment.release();
      });
    }
    catalog.afterWrite(index);
  }
  return {
    took: Math.round(performance.now() - started),
    timed_out: false,
    total: deleted,
    deleted,
    batches: deleted > 0 ? 1 : 0,
    version_conflicts: 0,
    noops: 0,
    retries: { bulk: 0, search: 0 },
    throttled_millis: 0,
    requests_per_second: -1,
    throttled_until_millis: 0,
    failures: [],
  };
}
