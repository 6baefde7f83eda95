import type { FileSegment } from "../segments/file-segment.ts";
import type { MemorySegment } from "../segments/memory-segment.ts";
import { type RunningMerge, startMerge } from "../segments/merge-thread.ts";
import { chooseMerge } from "./merge-policy.ts";

/** What became of a merge: where each document went, and which deletions it has left out already. */
export interface Merged {
  readonly moved: readonly Uint32Array[];
  readonly deleted: readonly (Uint8Array | null)[];
}

/** Runs the merges of one index, one at a time. */
export class IndexMerger {
  #running: RunningMerge | null = null;
  /** Segments that a merge could not read. */
  readonly #damaged: Set<number> = new Set();

  /** The segments that should become one. */
  choose(files: readonly FileSegment[]): FileSegment[] {
    return chooseMerge(files, this.#damaged);
  }

  /** Merges files as a new one at a path. `logs` hold writes whose deletions the merge leaves out for good. */
  async run(
    chosen: readonly FileSegment[],
    logs: readonly MemorySegment[],
    target: { readonly path: string; readonly timeColumn: string; readonly analyzed: readonly string[] },
  ): Promise<Merged> {
    const deleted = chosen.map((file) => file.deleted?.slice() ?? null);
    const held = [...chosen, ...logs];
    for (const segment of held) {
      segment.retain();
    }
    try {
      if (deleted.some((mask) => mask !== null)) {
        // A document may only go once what replaces it is on the disk.
        await Promise.all(logs.map(({ log }) => log.sync()));
      }
      const inputs = chosen.map((file, i) => ({ path: file.path, deleted: deleted[i] ?? null }));
      this.#running = startMerge({ inputs, ...target });
      return { deleted, moved: await this.#running.done };
    } catch (error) {
      if ((error as Error).name === "DamagedFileError") {
        for (const { number } of chosen) {
          this.#damaged.add(number);
        }
      }
      throw error;
    } finally {
      this.#running = null;
      for (const segment of held) {
        segment.release();
      }
    }
  }

  /** Ends a merge that runs. Its segments stay as they are. */
  async stop(): Promise<void> {
    await this.#running?.stop();
  }
}

/** Deletes in a merged segment what was deleted in its parts while it was made. */
export function carryDeletions(chosen: readonly FileSegment[], { moved, deleted }: Merged, merged: FileSegment): void {
  chosen.forEach((file, i) => {
    for (let document = 0; file.deleted && document < file.documents; document++) {
      const place = (moved[i] as Uint32Array)[document] as number;
      if (file.deleted[document] === 1 && deleted[i]?.[document] !== 1 && place > 0) {
        merged.delete(place - 1);
      }
    }
  });
}
