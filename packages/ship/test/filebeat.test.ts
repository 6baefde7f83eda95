import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { certificateCases, createAuthority } from "./support/certificates.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { startLumberjackReceiver } from "./support/lumberjack-receiver.ts";
import { killNow, runShip, startShip, temporaryFolder, until } from "./support/ship-process.ts";

function filebeatYml(folder: string, port: number, ca: string): string {
  return `filebeat.inputs:
- type: log
  paths:
    - ${folder}/events.txt
  fields:
    logzio_codec: json
    token: secret-token
    type: falco
  fields_under_root: true
  encoding: utf-8
  ignore_older: 3h
filebeat.registry.path: ${folder}/registry
processors:
- rename:
    fields:
    - from: "agent"
      to: "beat_agent"
    ignore_missing: true
output.logstash:
  hosts: ["127.0.0.1:${port}"]
  bulk_max_size: 40
  ssl:
    certificate_authorities: ['${ca}']
`;
}

test("a filebeat.yml for Logz.io works as it is, over TLS, with cut connections and partial acknowledgements", async () => {
  using folder = temporaryFolder();
  const authority = createAuthority(folder.path, "authority");
  const receiver = await startLumberjackReceiver(authority.issue("127.0.0.1"));
  receiver.cutWindow = (window) => window % 3 === 1;
  const config = join(folder.path, "filebeat.yml");
  writeFileSync(config, filebeatYml(folder.path, receiver.port, authority.ca));
  for (let number = 0; number < 200; number++) appendFileSync(join(folder.path, "events.txt"), falcoLine(number));
  const checked = await runShip(["-c", config, "test", "output"]);
  assert.match(checked.stdout, /connected over TLS/, checked.stderr);
  const ship = startShip(["-c", config, "-E", "http.enabled=false", "-E", "output.logstash.backoff.init=10ms"]);
  try {
    await until(
      () => new Set(receiver.events.map(numberOf)).size === 200,
      20_000,
      () => `${receiver.events.length} events`,
    );
  } finally {
    await killNow(ship);
    await receiver.close();
  }
  const first = receiver.events[0];
  assert.equal(first?.token, "secret-token");
  assert.equal(first?.type, "falco");
  assert.equal(typeof first?.["@timestamp"], "string");
  assert.deepEqual(Object.keys(first?.["@metadata"] as object), ["beat", "version", "type"]);
});

test("a certificate of another authority, an expired one and one for another host are refused", async () => {
  using folder = temporaryFolder();
  const { ca, refused } = certificateCases(folder.path);
  for (const [files, reason] of refused) {
    const receiver = await startLumberjackReceiver(files);
    const config = join(folder.path, "filebeat.yml");
    writeFileSync(config, filebeatYml(folder.path, receiver.port, ca));
    const result = await runShip(["-c", config, "test", "output"]);
    await receiver.close();
    assert.equal(result.code, 1);
    assert.match(result.stderr, reason);
    assert.equal(result.stderr.trim().split("\n").length, 1, "one line, no stack");
  }
});

test("a placeholder that was left in the file is named", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "filebeat.yml");
  writeFileSync(config, filebeatYml(folder.path, 5015, "/ca.crt").replace("secret-token", "<<LOG-SHIPPING-TOKEN>>"));
  const result = await runShip(["-c", config, "test", "config"]);
  assert.equal(result.code, 1);
  assert.match(result.stderr, /filebeat\.yml:7:\d+: .*<<LOG-SHIPPING-TOKEN>> is a placeholder/);
});

function numberOf(event: Record<string, unknown>): unknown {
  return (event.output_fields as Record<string, unknown>)["evt.num"];
}
