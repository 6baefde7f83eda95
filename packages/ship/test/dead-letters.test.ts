import assert from "node:assert/strict";
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type DeadLetter, DeadLetters } from "../src/index.ts";
import { temporaryFolder } from "./support/ship-process.ts";

function letter(id: string, record: string): DeadLetter {
  return {
    id,
    time: "2026-01-02T03:04:05.000Z",
    by: "elasticsearch",
    reason: "mapping",
    status: 400,
    path: "/var/log/falco.json",
    generation: "0".repeat(32),
    offset: 0,
    timestamp: "2026-01-02T03:04:05.000Z",
    length: Buffer.byteLength(record),
    record,
    encoding: "utf8",
  };
}

test("letters are read by their places, lines longer than what is read at once among them, and cut ones are passed over", async () => {
  using folder = temporaryFolder();
  const letters = new DeadLetters(join(folder.path, "dead-letters.ndjson"));
  assert.deepEqual(await letters.list(), []);
  const long = "é".repeat(3 << 20);
  await letters.add([letter("a", "first"), letter("b", long), letter("c", "third")]);
  appendFileSync(letters.file, '{"id":"d","rec');
  await letters.add([letter("a", "again")]);
  await letters.remove(["c"]);
  await using index = await letters.open();
  assert.deepEqual(index.ids, ["b", "a"], "what is refused again stands at the end");
  assert.deepEqual([index.has("a"), index.has("c"), index.has("d")], [true, false, false]);
  const [again, unknown] = await index.read(["a", "c"]);
  assert.deepEqual([again?.record, unknown], ["again", undefined]);
  const [whole] = await index.read(["b"]);
  assert.equal(whole?.record, long);
});

test("compacting keeps what stands, for its owner alone, and does nothing where nothing was removed", async () => {
  using folder = temporaryFolder();
  const letters = new DeadLetters(join(folder.path, "dead-letters.ndjson"));
  await letters.compact();
  await letters.add(["a", "b", "c"].map((id) => letter(id, `record ${id}`)));
  const { ino } = statSync(letters.file);
  await letters.compact();
  assert.equal(statSync(letters.file).ino, ino);
  await letters.remove(["b"]);
  await letters.compact();
  const lines = readFileSync(letters.file, "utf8").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as DeadLetter).id),
    ["a", "c"],
  );
  assert.equal(statSync(letters.file).mode & 0o777, 0o600);
});
