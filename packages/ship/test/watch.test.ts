import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { watchFolders } from "../src/harvester/watch.ts";

const WITHIN_MS = 5000;

/** A folder, a second name for it, and what was noticed while the paths made of them were watched. */
async function watching(context: TestContext, pathsOf: (folder: string, link: string) => readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), "ship-watch-"));
  const folder = join(root, "logs");
  const link = join(root, "link");
  mkdirSync(folder);
  symlinkSync(folder, link);
  const noticed: string[] = [];
  const watch = watchFolders(pathsOf(folder, link), (path) => noticed.push(path));
  context.after(async () => {
    await watch.close();
    rmSync(root, { recursive: true });
  });
  let looked = 0;
  const isNoticed = async (path: string): Promise<void> => {
    for (const end = Date.now() + WITHIN_MS; !noticed.includes(path, looked); await pause(5)) {
      assert.ok(Date.now() < end, `${path} is among ${noticed.slice(looked).join(", ")}`);
    }
    looked = noticed.length;
  };
  // The watch tells nobody when it stands.
  const probe = pathsOf(folder, link)[0]?.replace("*", "probe") as string;
  for (const end = Date.now() + WITHIN_MS; noticed.length === 0; await pause(20)) {
    assert.ok(Date.now() < end, "the watch stands");
    writeFileSync(probe, `${Date.now()}`);
  }
  await pause(200);
  looked = noticed.length;
  return { folder, link, noticed, isNoticed };
}

test("a named file is noticed when it appears, grows and is rotated, in a linked folder too; its neighbours are not", async (t) => {
  const { folder, link, noticed, isNoticed } = await watching(t, (_, link) => [join(link, "a.log")]);
  appendFileSync(join(folder, "a.log"), "more");
  await isNoticed(join(link, "a.log"));
  writeFileSync(join(folder, "other.log"), "x");
  renameSync(join(folder, "a.log"), join(folder, "a.log.1"));
  await isNoticed(join(link, "a.log.1"));
  writeFileSync(join(folder, "a.log"), "new");
  await isNoticed(join(link, "a.log"));
  appendFileSync(join(folder, "other.log"), "x");
  appendFileSync(join(folder, "a.log"), "end");
  await isNoticed(join(link, "a.log"));
  assert.ok(!noticed.some((path) => path.endsWith("other.log")));
});

test("files that a pattern means are noticed", async (t) => {
  const { folder, isNoticed } = await watching(t, (folder) => [join(folder, "*.log")]);
  writeFileSync(join(folder, "b.log"), "x");
  await isNoticed(join(folder, "b.log"));
});
