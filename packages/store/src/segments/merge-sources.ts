import type { FileSegment, SegmentMeta } from "./file-segment.ts";
import type { MergeOrder } from "./merge.ts";
import type { SectionWriter } from "./sections.ts";
import { packSources, SOURCE_BLOCK, sourceRecord, writeIds } from "./sources.ts";

/**
 * Writes the sources of merged segments. A block whose documents stay together is copied as it is; only where segments
 * lie between each other in time, or documents were deleted, is anything compressed again.
 */
export function mergeSources(
  writer: SectionWriter<SegmentMeta>,
  segments: readonly FileSegment[],
  order: MergeOrder,
  moved: readonly Uint32Array[],
): void {
  const firsts: number[] = [];
  const ends: number[] = [0];
  const blocks = function* (): Generator<Buffer> {
    let pending: Buffer[] = [];
    let offset = 0;
    const put = (block: Buffer, first: number): Buffer => {
      offset += block.length;
      firsts.push(first);
      ends.push(offset);
      return block;
    };
    for (let at = 0; at < order.length; ) {
      const segment = segments[order.input[at] as number] as FileSegment;
      const document = order.document[at] as number;
      const whole = wholeBlock(segment, order, at);
      if (pending.length === SOURCE_BLOCK || (whole > 0 && pending.length > 0)) {
        yield put(packSources(pending), at - pending.length);
        pending = [];
      }
      if (whole > 0) {
        yield put(segment.packedBlock(document), at);
        at += whole;
      } else {
        pending.push(sourceRecord(segment.read(document)));
        at += 1;
      }
    }
    if (pending.length > 0) {
      yield put(packSources(pending), order.length - pending.length);
    }
  };
  writer.add("source", blocks());
  writer.add("sourceIndex", Buffer.from(Uint32Array.from(ends).buffer));
  writer.add("sourceFirst", Buffer.from(Uint32Array.from(firsts).buffer));
  mergeIds(writer, segments, order.length, moved);
}

/** How many documents the block that begins with the next one has, when all of them come next; else 0. */
function wholeBlock(segment: FileSegment, order: MergeOrder, at: number): number {
  const first = order.document[at] as number;
  const count = segment.blockStartingAt(first);
  const last = at + count - 1;
  if (count === 0 || last >= order.length) {
    return 0;
  }
  for (let i = at; i <= last; i++) {
    if (order.input[i] !== order.input[at] || order.document[i] !== first + i - at) {
      return 0;
    }
  }
  return count;
}

function mergeIds(
  writer: SectionWriter<SegmentMeta>,
  segments: readonly FileSegment[],
  length: number,
  moved: readonly Uint32Array[],
): void {
  const high = new Uint32Array(length);
  const low = new Uint32Array(length);
  segments.forEach((segment, i) => {
    const hashes = segment.ids.all();
    const own = moved[i] as Uint32Array;
    for (let at = 0; at < hashes.high.length; at++) {
      const place = own[hashes.document[at] as number] as number;
      if (place > 0) {
        high[place - 1] = hashes.high[at] as number;
        low[place - 1] = hashes.low[at] as number;
      }
    }
  });
  writeIds(writer, high, low);
}
