import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DeadLetters } from "../src/index.ts";
import { startBulkSink } from "./support/bulk-sink.ts";
import { configFor, startShipper, storedRecords } from "./support/running-shipper.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";

const swap = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

const CASES: readonly (readonly [string, (text: string) => Buffer, string])[] = [
  ["utf-16le", (text) => Buffer.from(text, "utf16le"), "Grüße Ċ 中"],
  ["utf-16be", swap, "Grüße Ċ 中"],
  ["utf-16", (text) => Buffer.from(text, "utf16le"), "Grüße Ċ 中"],
  ["utf-16-bom", swap, "Grüße Ċ 中"],
  ["latin1", (text) => Buffer.from(text, "latin1"), "Grüße"],
  [
    "gb18030",
    (text) =>
      Buffer.concat(
        text.split("中").flatMap((part, at) => [...(at > 0 ? [Buffer.from([0xd6, 0xd0])] : []), Buffer.from(part)]),
      ),
    "中 ok",
  ],
];

for (const [encoding, encode, word] of CASES) {
  test(`a file in ${encoding} is read line by line, through a restart, with offsets of its own bytes`, async () => {
    using folder = temporaryFolder();
    const sink = await startBulkSink();
    const path = join(folder.path, "events.json");
    const mark = encoding === "utf-16" || encoding === "utf-16-bom" ? encode("\ufeff") : Buffer.alloc(0);
    const line = (number: number): Buffer => encode(`{"n":${number},"word":"${word}"}\n`);
    const config = { ...configFor(folder.path, sink, { encoding, max_line_bytes: 400 }), origin: true };
    writeFileSync(path, Buffer.concat([mark, line(0), encode("\r\n"), line(1), line(2).subarray(0, 9)]));
    const arrived = (count: number): Promise<void> =>
      until(
        () => sink.documents.size === count,
        10_000,
        () => `${sink.documents.size} of ${count}`,
      );
    let shipper = await startShipper(config);
    await arrived(2);
    await shipper.stop();
    appendFileSync(path, line(2).subarray(9));
    appendFileSync(path, encode(`{"long":"${"x".repeat(2000)}"}\n`));
    appendFileSync(path, line(3));
    shipper = await startShipper(config);
    await arrived(4);
    await shipper.stop();
    await sink.close();
    const records = storedRecords(sink);
    assert.deepEqual(
      records.map(({ n, word: text }) => [n, text]),
      [0, 1, 2, 3].map((n) => [n, word]),
    );
    const file = readFileSync(path);
    for (const [at, { log }] of records.entries()) {
      const { offset } = log as { offset: number };
      const begins = at === 0 ? Buffer.concat([mark, line(0)]) : line(at);
      assert.deepEqual(file.subarray(offset, offset + begins.length), begins);
    }
    const letters = await new DeadLetters(join(folder.path, "registry", "dead-letters.ndjson")).list();
    assert.match(letters[0]?.reason ?? "", /more than max_line_bytes/);
  });
}

test("a byte order mark before UTF-8 is passed over", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  writeFileSync(join(folder.path, "events.json"), '\ufeff{"n":1}\n');
  const shipper = await startShipper(configFor(folder.path, sink));
  await until(
    () => sink.documents.size === 1,
    10_000,
    () => "nothing arrived",
  );
  await shipper.stop();
  await sink.close();
  assert.equal(storedRecords(sink)[0]?.["n"], 1);
});
