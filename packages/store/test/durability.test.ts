import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { startStore } from "@falco-efk/store";
import { repairDirectory } from "../src/repair.ts";
import { bulkBody, call, openStore, temporaryDirectory } from "./open-store.ts";

const CLI = join(import.meta.dirname, "..", "src", "cli.ts");

/** A store in a process of its own, so that it can be killed. */
async function spawnStore(t: TestContext, directory: string): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ["--conditions=@falco-efk/source", CLI, "--data", directory, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const url = /ready at (\S+),/.exec(line.toString())?.[1];
  assert.ok(url, `no address in: ${line}`);
  return { url, child };
}

function documents(from: number, count: number): { id: string; source: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `id-${from + i}`,
    source: `{"@timestamp":"2026-11-22T10:00:00.${String((from + i) % 1e9).padStart(9, "0")}Z","n":${from + i},"rule":"r${(from + i) % 7}"}`,
  }));
}

test("after kill -9 during ingest every acknowledged document is there, once", async (t) => {
  const directory = temporaryDirectory(t);
  const rounds = process.env.FALCO_EFK_LONG === "1" ? 50 : 5;
  let acknowledged = 0;
  for (let round = 0; round < rounds; round++) {
    const { url, child } = await spawnStore(t, directory);
    const before = await call(`${url}/logstash-*/_count`);
    assert.ok(before.body.count >= acknowledged, `round ${round}: ${before.body.count} of ${acknowledged} are there`);
    const exited = once(child, "exit");
    const until = acknowledged + 3000 + (round % 5) * 700;
    for (;;) {
      const sending = call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(acknowledged, 500)));
      if (acknowledged >= until) {
        sending.catch(() => undefined);
        child.kill("SIGKILL");
        await exited;
        break;
      }
      const { body } = await sending;
      for (const item of body.items) {
        assert.ok([201, 409].includes(item.create.status), JSON.stringify(item));
      }
      acknowledged += 500;
    }
  }
  t.diagnostic(`killed ${rounds} times, ${acknowledged} documents acknowledged`);
  const store = await openStore(t, { directory });
  for (let from = 0; from < acknowledged; from += 500) {
    const { body } = await call(`${store.url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 500)));
    const statuses = new Set(body.items.map((item: { create: { status: number } }) => item.create.status));
    assert.deepEqual([...statuses], [409]);
  }
});

test("segments, deletions, replacements, mappings and templates survive closing and opening", async (t) => {
  const directory = temporaryDirectory(t);
  const first = await startStore({ directory, port: 0, unsealedDocuments: 100 });
  const template = {
    index_patterns: ["logstash-*"],
    template: { mappings: { properties: { n: { type: "integer" } } } },
  };
  await call(`${first.url}/_index_template/t`, "PUT", template);
  for (let from = 0; from < 1000; from += 50) {
    await call(`${first.url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 50)));
  }
  await call(`${first.url}/logstash-a/_doc/id-3`, "DELETE");
  await call(`${first.url}/logstash-a/_doc/id-4`, "PUT", { n: 4, rule: "changed" });
  const ask = { query: { query_string: { query: "rule:r1 OR rule:changed" } }, sort: ["n"], size: 1000 };
  const before = (await call(`${first.url}/logstash-a/_search`, "POST", ask)).body.hits;
  await first.close();
  const second = await openStore(t, { directory });
  assert.deepEqual((await call(`${second.url}/logstash-a/_search`, "POST", ask)).body.hits, before);
  assert.equal((await call(`${second.url}/logstash-a/_count`)).body.count, 999);
  assert.equal((await call(`${second.url}/logstash-a/_doc/id-3`)).status, 404);
  assert.equal((await call(`${second.url}/logstash-a/_doc/id-4`)).body._version, 2);
  assert.equal(
    (await call(`${second.url}/logstash-a/_mapping`)).body["logstash-a"].mappings.properties.n.type,
    "integer",
  );
  assert.equal((await call(`${second.url}/_index_template/t`)).status, 200);
});

/** A closed store's directory with some segments and a log. */
async function filledDirectory(t: TestContext): Promise<{ directory: string; index: string }> {
  const directory = temporaryDirectory(t);
  const store = await startStore({ directory, port: 0, unsealedDocuments: 400 });
  for (let from = 0; from < 1000; from += 100) {
    await call(`${store.url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 100)));
  }
  await store.close();
  return { directory, index: join(directory, "indices", "logstash-a") };
}

test("an unfinished last batch of a log is cut off without a word about damage", async (t) => {
  const { directory, index } = await filledDirectory(t);
  const log = readdirSync(index)
    .filter((name) => name.endsWith(".log"))
    .sort()
    .at(-1) as string;
  truncateSync(join(index, log), statSync(join(index, log)).size - 10);
  const store = await openStore(t, { directory });
  assert.equal((await call(`${store.url}/logstash-a/_count`)).body.count, 900);
});

test("damage in the middle of a log is named, and repair keeps every other batch", async (t) => {
  const { directory, index } = await filledDirectory(t);
  const log = join(
    index,
    readdirSync(index)
      .filter((name) => name.endsWith(".log"))
      .sort()
      .at(-1) as string,
  );
  const bytes = readFileSync(log);
  bytes[200] = (bytes[200] as number) ^ 0xff;
  writeFileSync(log, bytes);
  await assert.rejects(
    startStore({ directory, port: 0 }),
    /is damaged: bytes 0 to \d+ have a wrong checksum.*falco-store repair/,
  );
  const report = repairDirectory(directory);
  assert.match(report.join("\n"), /bytes 0 to \d+ are damaged and left out/);
  const store = await openStore(t, { directory });
  assert.equal((await call(`${store.url}/logstash-a/_count`)).body.count, 900);
});

test("a damaged segment file is named by the search that meets it, and repair saves its other documents", async (t) => {
  const { directory, index } = await filledDirectory(t);
  const segment = join(
    index,
    readdirSync(index)
      .filter((name) => name.endsWith(".seg"))
      .sort()[0] as string,
  );
  const bytes = readFileSync(segment);
  const footer = JSON.parse(bytes.subarray(bytes.length - 16 - bytes.readUInt32LE(bytes.length - 16), -16).toString());
  const [offset] = footer.sections[`${footer.meta.columns.rule.section}/ordinals`];
  bytes[offset + 5] = (bytes[offset + 5] as number) ^ 0xff;
  writeFileSync(segment, bytes);
  const broken = await startStore({ directory, port: 0 });
  const answer = await call(`${broken.url}/logstash-a/_search`, "POST", { query: { term: { rule: "r1" } } });
  await broken.close();
  assert.equal(answer.status, 500);
  assert.match(answer.body.error.reason, /\.seg is damaged: .*falco-store repair/);
  assert.match(repairDirectory(directory).join("\n"), /400 documents saved/);
  const store = await openStore(t, { directory });
  assert.equal((await call(`${store.url}/logstash-a/_count?q=rule:r1`)).body.count, 143);
  assert.deepEqual(repairDirectory(directory), ["nothing is damaged"]);
});

test("a file of another version's format is one clear line at the start, and repair leaves it alone", async (t) => {
  const directory = temporaryDirectory(t);
  const store = await startStore({ directory, port: 0, unsealedDocuments: 100 });
  await call(`${store.url}/_bulk`, "POST", bulkBody("logstash-a", documents(0, 400)));
  const folder = join(directory, "indices", "logstash-a");
  const segments = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".seg"));
  while (segments().length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await store.close();
  const path = join(folder, segments()[0] as string);
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from("2")]));
  await assert.rejects(startStore({ directory, port: 0 }), { code: "STORE_FORMAT" });
  assert.throws(() => repairDirectory(directory), { code: "STORE_FORMAT" });
  assert.ok(segments().length > 0);
});
