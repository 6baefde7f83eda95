import assert from "node:assert/strict";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createShipper, type DeadLetter } from "@falco-efk/ship";
import { startBulkSink } from "@falco-efk/ship/testing";
import { falcoLine } from "./support/falco-lines.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";

test("a shipper within a program tells of its work by hooks, and a transform changes, drops and may wait", async () => {
  using folder = temporaryFolder();
  await using sink = await startBulkSink();
  const file = join(folder.path, "events.json");
  let delivered = 0;
  const troubles: (string | null)[] = [];
  const letters: DeadLetter[] = [];
  sink.fault = (request) =>
    request === 1
      ? { kind: "status", status: 503 }
      : { kind: "partial", status: 400, refuse: () => sink.documents.size === 3 };
  await using shipper = await createShipper(
    {
      inputs: [{ type: "filestream", paths: [file], scan_interval: "100ms" }],
      "output.elasticsearch": { hosts: [sink.url], backoff: { init: "10ms", max: "50ms" } },
      "registry.path": join(folder.path, "registry"),
      "http.enabled": false,
    },
    {
      transform: async (event, origin) => {
        const number = (event.output_fields as Record<string, unknown>)["evt.num"];
        if (number === 2) return null;
        if (number === 3) throw new Error("not this one");
        event.read_from = origin.path;
        return event;
      },
      onDelivered: (records) => {
        delivered += records;
        throw new Error("a hook that fails");
      },
      onTrouble: (reason) => void troubles.push(reason),
      onDeadLetters: (added) => void letters.push(...added),
    },
  );
  for (let number = 1; number <= 4; number++) appendFileSync(file, falcoLine(number));
  await until(
    () => delivered === 3,
    15_000,
    () => `${delivered} delivered`,
  );
  const sources = [...sink.documents.values()].map(({ source }) => JSON.parse(source) as Record<string, unknown>);
  assert.deepEqual(sources.map((source) => source.read_from).toSorted(), [file, file, undefined]);
  assert.match(String(troubles[0]), /503/);
  assert.equal(troubles.at(-1), null);
  appendFileSync(file, falcoLine(5));
  await until(
    () => letters.length === 1,
    15_000,
    () => "no dead letter",
  );
  assert.equal(shipper.stats().deadLettered, 1);
  assert.ok(existsSync(join(folder.path, "registry")));
});
