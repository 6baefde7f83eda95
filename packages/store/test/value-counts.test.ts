import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ValueCounts } from "../src/aggs/value-counts.ts";
import { MemoryColumn } from "../src/columns/memory-column.ts";
import { WordTable } from "../src/columns/word-table.ts";
import { tokenize } from "../src/text/tokenize.ts";

const value = fc.oneof(
  fc.integer({ min: 0, max: 60 }).map((n) => `value ${n}`),
  fc.constantFrom("", "a", "ä", "\u{1f600}"),
);
const segment = fc.array(fc.array(value, { maxLength: 3 }), { minLength: 1, maxLength: 40 });

test("values counted by hash over segments are those that counting their texts gives", () => {
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 12 }),
      (segments, size) => {
        const counts = new ValueCounts(0);
        const expected = new Map<string, number>();
        for (const documents of segments) {
          const column = new MemoryColumn();
          documents.forEach((values, document) => {
            for (const one of values) {
              column.add(document, one);
            }
            for (const one of new Set(values)) {
              expected.set(one, (expected.get(one) ?? 0) + 1);
            }
          });
          counts.add(column.view(documents.length), null, null);
        }
        const rows = [...expected].map(([key, count]) => ({ key, count }));
        const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
        const most = rows.toSorted((a, b) => b.count - a.count || byKey(a, b));
        assert.deepEqual(counts.most(size), most.slice(0, size));
        assert.deepEqual(counts.byKey(size, true), rows.toSorted(byKey).slice(0, size));
        assert.deepEqual(counts.byKey(size, false), rows.toSorted(byKey).reverse().slice(0, size));
        assert.equal(counts.distinct(), rows.length);
        assert.equal(
          counts.total,
          rows.reduce((sum, { count }) => sum + count, 0),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("a word table numbers the same words, in the same places, as splitting the text does", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "Read",
      "file",
      "_",
      "__x",
      "a.b",
      "10.0.0.1",
      "1,5",
      "x:y",
      "3983538e",
      "ß",
      "Ä",
      "日本",
      "É1",
      "'s",
    ),
    fc.string({ maxLength: 12 }),
    fc.constant("Long".repeat(80)),
  );
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 12 }), { maxLength: 30 }), (texts) => {
      const table = new WordTable();
      const found: [number, number][][] = texts.map((pieces) => {
        const words: [number, number][] = [];
        table.each(pieces.join(" "), (word, place) => words.push([word, place]));
        return words;
      });
      const words = table.words();
      assert.equal(new Set(words).size, words.length);
      texts.forEach((pieces, i) => {
        const expected = tokenize(pieces.join(" "));
        assert.deepEqual(
          found[i]?.map(([word]) => words[word]),
          expected,
        );
        assert.deepEqual(
          found[i]?.map(([, place]) => place),
          expected.map((_, place) => place),
        );
      });
    }),
    { numRuns: 300 },
  );
});
