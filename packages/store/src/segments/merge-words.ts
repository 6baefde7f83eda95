import type { FileColumn } from "../columns/file-column.ts";
import { PLACE_FAR, PLACE_MORE, packPosting } from "../columns/postings.ts";
import { PostingsWriter } from "../columns/postings-writer.ts";
import { StringBlocks } from "../columns/string-table.ts";
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

/**
 * Writes the words of several columns as those of one of `size` values. Gives how many words there are. The lists are
 * written as they are made; only the words, which are far less, wait in memory, compressed.
 */
export function mergeWords(
  writer: SectionWriter<unknown>,
  name: string,
  parts: readonly (FileColumn | null)[],
  remap: readonly Uint32Array[],
  size: number,
): number {
  const postings = new PostingsWriter(size);
  const words = new StringBlocks();
  const blocks: (Buffer | null)[] = [];
  writer.add(
    `${name}/postings`,
    (function* (): Generator<Buffer> {
      for (const { word, packed } of mergedLists(makeHeads(parts, remap), new PostingsOrder(size))) {
        blocks.push(words.push(word));
        const full = postings.add(packed);
        if (full) {
          yield full;
        }
      }
      const last = postings.take();
      if (last) {
        yield last;
      }
    })(),
  );
  blocks.push(words.flush());
  writer.add(`${name}/postingsIndex`, postings.index());
  writer.add(
    `${name}/words/strings`,
    blocks.filter((block) => block !== null),
  );
  words.writeIndex(writer, `${name}/words`);
  return words.count;
}

/** Each word that a value has, in order, with its packed postings. They are valid until the next one. */
function* mergedLists(heads: Head[], gathered: PostingsOrder): Generator<{ word: string; packed: Uint32Array }> {
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
      yield { word: least, packed };
    }
  }
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
