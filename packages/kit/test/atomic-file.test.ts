import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeFileAtomic } from "../src/index.ts";

test("the file is replaced whole, private, and nothing else is left behind", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "kit-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "state.json");
  await writeFileAtomic(file, "old");
  await writeFileAtomic(file, "new");
  assert.equal(await readFile(file, "utf8"), "new");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ["state.json"]);
});

test("a write that fails leaves the old file and no temporary one", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "kit-"));
  t.after(() => rm(folder, { recursive: true }));
  await assert.rejects(writeFileAtomic(join(folder, "none", "state.json"), "x"), { code: "ENOENT" });
  assert.deepEqual(await readdir(folder), []);
});
