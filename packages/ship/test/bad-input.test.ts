import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "@falco-efk/kit";
import { checkConfig, createShipper, DeadLetters, type Shipper } from "../src/index.ts";
import { type BulkSink, startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { runShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

function configFor(folder: string, sink: BulkSink, input: object = {}): Record<string, unknown> {
  return {
    inputs: [{ type: "filestream", paths: [join(folder, "events.json")], scan_interval: "50ms", ...input }],
    output: { elasticsearch: { hosts: [sink.url], backoff: { init: "10ms", max: "50ms" } } },
    registry: { path: join(folder, "registry"), flush: "10ms" },
    http: { enabled: false },
  };
}

function ship(config: Record<string, unknown>, log: string[] = []): Promise<Shipper> {
  return createShipper(checkConfig(config), { log: createLogger("test", { write: (line) => void log.push(line) }) });
}

test("odd lines are shipped, wrapped, mended or dead-lettered, and none stops the file", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "events.json");
  writeFileSync(path, 'plain text\n{"broken": \n\n{}\n[1,2]\n');
  appendFileSync(path, Buffer.from([0, 0, 0, ...Buffer.from('{"nul":1}\n')]));
  appendFileSync(path, Buffer.concat([Buffer.from('{"bad":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n')]));
  appendFileSync(path, '{"time":"1970-01-01T00:00:00.000000000Z"}\r\n{"time":"2200-01-01T00:00:00+02:00"}\n');
  appendFileSync(path, `{"long":"${"x".repeat(3_000_000)}"}\n`);
  appendFileSync(path, '{"@timestamp":"yesterday"}\n');
  appendFileSync(path, `${falcoLine(7)}{"half":`);
  await using running = await ship(configFor(folder.path, sink, { max_line_bytes: "1MiB" }));
  await until(
    () => running.stats().acknowledged + running.stats().deadLettered === 11,
    10_000,
    () => JSON.stringify(running.stats()),
  );
  appendFileSync(path, "true}\n");
  await until(
    () => running.stats().acknowledged === 10,
    10_000,
    () => JSON.stringify(running.stats()),
  );
  await running.stop();
  await sink.close();
  const sources = [...sink.documents.values()];
  const has = (text: string): boolean => sources.some(({ source }) => source.includes(text));
  assert.ok(
    has('"message":"plain text"') && has('"nul":1') && has("\ufffd") && has('"half":true') && has('"evt.num":7'),
  );
  assert.ok(sources.some(({ index }) => index === "logstash-1970.01.01"));
  assert.ok(
    sources.some(({ index, source }) => index === "logstash-2199.12.31" && source.includes("2199-12-31T22:00:00")),
  );
  const letters = await new DeadLetters(join(folder.path, "registry", "dead-letters.ndjson")).list();
  assert.deepEqual(letters.map(({ by }) => by).sort(), ["elasticsearch", "harvester"]);
  const long = letters.find(({ by }) => by === "harvester");
  assert.match(long?.reason ?? "", /^the line has 3000011 bytes, more than max_line_bytes/);
  assert.equal(readFileSync(path).toString("utf8", long?.offset, (long?.offset ?? 0) + 8), '{"long":');
});

test("dead letters can be listed, replayed and dropped", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "events.json");
  writeFileSync(path, "not json\nnor this\n");
  const settings = configFor(folder.path, sink, { invalid_lines: "dead_letter" });
  await using running = await ship(settings);
  await until(
    () => running.stats().deadLettered === 2,
    10_000,
    () => JSON.stringify(running.stats()),
  );
  await running.stop();
  const config = writeConfig(folder.path, settings);
  const listed = await runShip(["-c", config, "dlq", "list", "--json"]);
  const ids = listed.stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { id: string }).id);
  assert.equal(ids.length, 2, listed.stderr);
  const replayed = await runShip(["-c", config, "dlq", "replay", ids[0] ?? ""]);
  assert.equal(replayed.stdout, "1 delivered, 0 left\n");
  assert.equal(sink.documents.size, 1);
  assert.equal((await runShip(["-c", config, "dlq", "drop", "--all"])).stdout, "1 dropped\n");
  assert.equal((await runShip(["-c", config, "dlq", "list"])).stdout, "no dead letters\n");
  await sink.close();
});

test("a registry cut in half is used as far as it goes, and one of another version is refused", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "events.json");
  writeFileSync(path, falcoLine(1) + falcoLine(2));
  const settings = configFor(folder.path, sink);
  const first = await ship(settings);
  await until(
    () => sink.documents.size === 2,
    10_000,
    () => "nothing arrived",
  );
  await first.stop();
  const registry = join(folder.path, "registry", "registry.log");
  const size = readFileSync(registry).length;
  truncateSync(registry, size - 20);
  const log: string[] = [];
  const second = await ship(settings, log);
  await second.scan();
  await until(
    () => second.stats().files[0]?.lag === 0,
    10_000,
    () => JSON.stringify(second.stats()),
  );
  await second.stop();
  assert.match(log.join(""), /the registry had damaged records/);
  assert.equal(sink.documents.size, 2, "the generation was there, so what is sent again has the same ids");
  writeFileSync(registry, "falco-ship registry 9\n");
  await assert.rejects(ship(settings), /another version/);
  await sink.close();
});

test("a full disk under the registry pauses reading, is told, and ends by itself", async (context) => {
  if (process.getuid?.() !== 0) {
    context.skip("needs root to mount a small file system");
    return;
  }
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const small = join(folder.path, "registry");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
  const path = join(folder.path, "events.json");
  try {
    writeFileSync(path, falcoLine(0));
    const log: string[] = [];
    await using running = await ship(configFor(folder.path, sink), log);
    await until(
      () => sink.documents.size === 1,
      10_000,
      () => "nothing arrived",
    );
    execFileSync("sh", ["-c", `head -c 100000 /dev/zero > ${small}/filler || true`], { stdio: "ignore" });
    let written = 1;
    const full = (): boolean => {
      appendFileSync(path, falcoLine(written++));
      return running.stats().trouble !== null;
    };
    await until(full, 20_000, () => "the disk never got full");
    assert.match(running.stats().trouble ?? "", /no space left/);
    rmSync(join(small, "filler"));
    await until(
      () => running.stats().trouble === null && sink.documents.size === written,
      20_000,
      () => `${sink.documents.size} of ${written}`,
    );
    await running.stop();
    assert.match(log.join(""), /reading pauses until it can/);
  } finally {
    execFileSync("umount", [small]);
    await sink.close();
  }
});

test("a second shipper on the same registry is refused", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  writeFileSync(join(folder.path, "events.json"), "");
  await using running = await ship(configFor(folder.path, sink));
  await assert.rejects(ship(configFor(folder.path, sink)), /in use by another falco-ship/);
  await running.stop();
  await sink.close();
});

test("errors in the configuration are one line with file, line and key", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "ship.yml");
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      "inputs: [{type: filestream, paths: [/x]}]\noutput.elasticsearch.host: x\n",
      /host: unknown key \(did you mean hosts\?\)/,
    ],
    [
      "inputs:\n  - type: filestream\n    paths: { x: y }\noutput.stdout: {}\n",
      /ship\.yml:3:12: inputs\[0\]\.paths: must be array/,
    ],
    ["output.elasticsearch.password: ${NO_SUCH_THING:?ask the admin}\n", /ask the admin/],
    ["a: [1\n", /ship\.yml:\d+:\d+/],
  ];
  for (const [text, expected] of cases) {
    writeFileSync(file, text);
    const result = await runShip(["-c", file, "test", "config"]);
    assert.equal(result.code, 1);
    assert.match(result.stderr, expected);
    assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
  }
});
