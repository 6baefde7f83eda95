import type { FileColumn } from "../columns/file-column.ts";
import { PLACE_FAR, PLACE_MORE, PostingsWriter, packPosting } from "../columns/postings.ts";
import { writeStringTable } from "../columns/string-table.ts";
import type { FileWords } from "../columns/word-file.ts";
import { PostingsOrder } from "./postings-order.ts";
import type { SectionWriter } from "./sections.ts";

interface Head {
  readonly words: Iterator<string>;
  readonly postings: ReturnType<FileWords["walk"]>;
  readonly remap: Uint32Array;
  word: string;
  place: number;
}

/** Writes the words of several columns as those of one of `size` values. Gives how many words there are. */
export function mergeWords(
  writer: SectionWriter<unknown>,
  name: string,
  parts: readonly (FileColumn | null)[],
  remap: readonly Uint32Array[],
  size: number,
): number {
  const heads = makeHeads(parts, remap);
  const postings = new PostingsWriter();
  const gathered = new PostingsOrder(size);
  const merged = function* (): Generator<string> {
    while (heads.length > 0) {
      let least = (heads[0] as Head).word;
      for (let i = 1; i < heads.length; i++) {
        const { word } = heads[i] as Head;
        if (word < least) {
          least = word;
        }
      }
      // The oldest segment first: where they do not lie between each other, the postings come in order.
      for (let i = 0; i < heads.length; i++) {
        const head = heads[i] as Head;
        if (head.word === least) {
          gather(head, gathered);
          i -= advance(heads, i) ? 0 : 1;
        }
      }
      const packed = gathered.take();
      if (packed.length > 0) {
        postings.add(packed);
        yield least;
      }
    }
  };
  const count = writeStringTable(writer, `${name}/words`, merged());
  postings.finish(writer, name);
  return count;
}

function makeHeads(parts: readonly (FileColumn | null)[], remap: readonly Uint32Array[]): Head[] {
  const heads: Head[] = [];
  parts.forEach((part, i) => {
    const file = part?.fileWords();
    const words = file?.words();
    const first = words?.next();
    if (file && words && first && !first.done) {
      heads.push({ words, postings: file.walk(), remap: remap[i] as Uint32Array, word: first.value, place: 0 });
    }
  });
  return heads;
}

function gather(head: Head, into: PostingsOrder): void {
  const { ordinals, places } = head.postings(head.place);
  for (let at = 0; at < ordinals.length; at++) {
    const ordinal = head.remap[ordinals[at] as number] as number;
    if (ordinal > 0) {
      into.add(packPosting(ordinal, places?.[at] ?? PLACE_FAR | PLACE_MORE));
    }
  }
}

/** Goes on to a segment's next word. Gives false when there is none: then the segment is taken out. */
function advance(heads: Head[], i: number): boolean {
  const head = heads[i] as Head;
  const next = head.words.next();
  head.place += 1;
  if (next.done) {
    heads.splice(i, 1);
    return false;
  }
  head.word = next.value;
  return true;
}
