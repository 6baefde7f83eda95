import assert from "node:assert/strict";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { killNow, startShip, temporaryFolder, until } from "./support/ship-process.ts";

test("while lines are written, a changed file takes over without loss or repeat, and one that can't work is told and left", async () => {
  using folder = temporaryFolder();
  await using sink = await startBulkSink();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const file = join(folder.path, "ship.yml");
  const events = join(folder.path, "a.json");
  const configure = (more: string): void => {
    // As a deployment does it: the whole file at once.
    writeFileSync(
      `${file}.new`,
      `inputs:\n  - { type: filestream, paths: [${events}], scan_interval: 100ms }\noutput.elasticsearch.hosts: ["${sink.url}"]\nregistry.path: ${folder.path}/registry\n${more}`,
    );
    renameSync(`${file}.new`, file);
  };
  configure("http.enabled: false\n");
  const ship = startShip(["-c", file]);
  let log = "";
  ship.stderr?.on("data", (chunk) => (log += chunk));
  let written = 0;
  const writer = setInterval(() => {
    for (let line = 0; line < 5; line++) appendFileSync(events, falcoLine(written++));
  }, 10);
  const told = (text: string): Promise<void> =>
    until(
      () => log.includes(text),
      20_000,
      () => log,
    );
  try {
    await until(
      () => sink.documents.size > 0,
      20_000,
      () => log,
    );
    configure("http.enabled: false\nprocessors: [{ add_fields: { target: '', fields: { round: two } } }]\n");
    await told("configuration taken over");
    configure("http.enabled: false\nprocessors: [{ add_fieldz: {} }]\n");
    await told("stays as it was");
    assert.match(
      log,
      /ship\.yml:6:\d+: processors\[0\]\.add_fieldz: the processor add_fieldz is not known \(did you mean add_fields\?\)/,
    );
    configure(`http.port: ${port}\n`);
    await told("back to the configuration before");
    assert.match(log, new RegExp(`can't listen on 127\\.0\\.0\\.1:${port}`));
    const seen = sink.documents.size;
    await until(
      () => sink.documents.size > seen,
      20_000,
      () => "it doesn't go on",
    );
    clearInterval(writer);
    await until(
      () => sink.documents.size === written,
      20_000,
      () => `${sink.documents.size} of ${written}\n${log}`,
    );
    assert.equal(sink.duplicates, 0);
    const rounds = [...sink.documents.values()].map(({ source }) => (JSON.parse(source) as { round?: string }).round);
    assert.ok(rounds.includes(undefined) && rounds.at(-1) === "two", "the configuration of the second round is back");
  } finally {
    clearInterval(writer);
    await killNow(ship);
    taken.close();
  }
});
