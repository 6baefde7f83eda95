import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { FilePostings, LIST_HEAD, packPosting, placesAt } from "../src/columns/postings.ts";
import { PostingsWriter } from "../src/columns/postings-writer.ts";
import { bulkBody, call, openStore } from "./open-store.ts";

/** Lists of few, some, most and all of so many values. */
const list = fc
  .record({
    size: fc.integer({ min: 1, max: 12_000 }),
    share: fc.constantFrom(0.001, 0.08, 0.3, 0.95, 1),
    seed: fc.nat(),
  })
  .map(({ size, share, seed }) => {
    let state = seed | 1;
    const random = (): number => {
      state = (Math.imul(state, 0x9e3779b1) + 0x7f4a7c15) | 0;
      return (state >>> 8) / 2 ** 24;
    };
    const ordinals = Array.from({ length: size }, (_, i) => i + 1).filter(() => share === 1 || random() < share);
    const places = ordinals.map(() => Math.floor(random() * (seed % 2 === 0 ? 4 : 256)));
    return { size, ordinals, places };
  })
  .filter(({ ordinals }) => ordinals.length > 0);

function written({ size, ordinals, places }: { size: number; ordinals: number[]; places: number[] }): Buffer {
  const writer = new PostingsWriter(size);
  writer.add(Uint32Array.from(ordinals, (ordinal, i) => packPosting(ordinal, places[i] as number)));
  return writer.take() as Buffer;
}

function opened(bytes: Buffer, size: number, apart: boolean): FilePostings {
  const damaged = (): Error => new Error("damaged");
  if (!apart) {
    return new FilePostings({ bytes, from: 0, to: bytes.length }, size, damaged);
  }
  const end = placesAt(bytes.subarray(0, LIST_HEAD), bytes.length);
  const readPlaces = (): Buffer => bytes.subarray(end);
  return new FilePostings({ bytes: bytes.subarray(0, end), from: 0, to: end, readPlaces }, size, damaged);
}

test("a word's list is read as it was written, in each of its forms", () => {
  const kinds = new Set<number>();
  fc.assert(
    fc.property(list, fc.boolean(), (given, apart) => {
      const bytes = written(given);
      kinds.add((bytes[2] as number) & 3);
      const read = opened(bytes, given.size, apart && given.ordinals.length >= 512);
      assert.equal(read.count, given.ordinals.length);
      assert.deepEqual([...read.ordinals], given.ordinals);
      assert.deepEqual([...read.places], given.places);
      const wanted = Uint32Array.from({ length: given.size }, (_, i) => i + 1).filter((ordinal) => ordinal % 3 !== 1);
      const at = new Map(given.ordinals.map((ordinal, i) => [ordinal, i]));
      assert.deepEqual(
        [...read.locate(wanted)],
        [...wanted].map((ordinal) => at.get(ordinal) ?? -1),
      );
    }),
    { numRuns: 200, seed: 7 },
  );
  assert.deepEqual([...kinds].sort(), [0, 1, 2, 3]);
});

test("a list with a changed byte is told from a sound one", () => {
  fc.assert(
    fc.property(list, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, where, change) => {
      const bytes = Buffer.from(written(given));
      const at = where % bytes.length;
      bytes[at] = (bytes[at] as number) ^ change;
      assert.throws(() => {
        const read = opened(bytes, given.size, false);
        void [read.ordinals, read.places];
      });
    }),
    { numRuns: 200, seed: 8 },
  );
});

const DOCUMENTS = 6000;
const RULES = ["sensitive file read", "file sensitive written", "shell in container", "file file deleted"];

/** Words of every frequency: in each document, in most, in some, in one; the same one twice; in two fields. */
function eventOf(n: number): { id: string; output: string; command: string; kind: string } {
  return {
    id: `d${n}`,
    output: `alarm ${RULES[n % 4]} ${n % 10 === 0 ? "rarely " : ""}by user${n % 7} number ${n}`,
    command: `run ${n % 3 === 0 ? "sensitive " : ""}job${n % 500}`,
    kind: RULES[n % 4] as string,
  };
}

const words = (text: string): string[] => text.split(" ");
const holds = (text: string, wanted: readonly string[], phrase: boolean): boolean =>
  phrase ? ` ${text} `.includes(` ${wanted.join(" ")} `) : wanted.every((word) => words(text).includes(word));

const word = fc.constantFrom(
  "alarm",
  "file",
  "sensitive",
  "rarely",
  "user3",
  "number",
  "17",
  "4242",
  "job12",
  "absent",
);
const clause = fc.record({
  field: fc.constantFrom("output", "command", "kind"),
  wanted: fc.array(word, { minLength: 1, maxLength: 3 }),
  phrase: fc.boolean(),
});

test("documents are found by the words that they have, whatever clauses stand beside", {
  timeout: 120_000,
}, async (t) => {
  const store = await openStore(t, { unsealedDocuments: 2500 });
  const events = Array.from({ length: DOCUMENTS }, (_, n) => eventOf(n));
  for (let from = 0; from < DOCUMENTS; from += 500) {
    const part = events.slice(from, from + 500);
    const body = bulkBody(
      "logstash-w",
      part.map(({ id, ...source }) => ({ id, source: JSON.stringify(source) })),
    );
    assert.equal((await call(`${store.url}/_bulk`, "POST", body)).body.errors, false);
  }
  const directory = join(store.directory, "indices", "logstash-w");
  while (readdirSync(directory).filter((name) => name.endsWith(".seg")).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const query = ({ field, wanted, phrase }: { field: string; wanted: string[]; phrase: boolean }): object =>
    phrase
      ? { match_phrase: { [field]: wanted.join(" ") } }
      : { match: { [field]: { query: wanted.join(" "), operator: "and" } } };
  await fc.assert(
    fc.asyncProperty(
      fc.array(clause, { maxLength: 3 }),
      fc.array(clause, { maxLength: 2 }),
      fc.array(clause, { maxLength: 2 }),
      async (must, should, mustNot) => {
        const { body } = await call(`${store.url}/logstash-w/_search`, "POST", {
          size: 10_000,
          _source: false,
          query: {
            bool: {
              must: must.map(query),
              should: should.map(query),
              must_not: mustNot.map(query),
              minimum_should_match: should.length > 0 ? 1 : 0,
            },
          },
        });
        const fits = (event: (typeof events)[number], { field, wanted, phrase }: (typeof must)[number]): boolean =>
          holds(event[field as "output"], wanted, phrase);
        const expected = events.filter(
          (event) =>
            must.every((one) => fits(event, one)) &&
            (should.length === 0 || should.some((one) => fits(event, one))) &&
            !mustNot.some((one) => fits(event, one)),
        );
        const found = (body.hits.hits as { _id: string }[]).map(({ _id }) => _id);
        assert.deepEqual(found.sort(), expected.map(({ id }) => id).sort());
      },
    ),
    { numRuns: 120, seed: 9 },
  );
});
