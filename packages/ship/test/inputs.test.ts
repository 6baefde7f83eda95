import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { splitAlerts } from "../src/inputs/http-input.ts";
import { Spool } from "../src/inputs/spool.ts";
import { startSyslogInput, syslogLine } from "../src/inputs/syslog-input.ts";
import { startBulkSink } from "./support/bulk-sink.ts";
import { createAuthority } from "./support/certificates.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { freePort } from "./support/redis-server.ts";
import { killNow, startShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

test("what the HTTP intake accepted is delivered once, though the sink was away and the shipper was killed", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  sink.fault = () => ({ kind: "status", status: 503 });
  const port = await freePort();
  const config = writeConfig(folder.path, {
    inputs: [{ type: "http", port }],
    output: { elasticsearch: { hosts: [sink.url], backoff: { init: "20ms", max: "100ms" } } },
    registry: { path: join(folder.path, "registry") },
    http: { enabled: false },
    logging: { level: "error" },
  });
  const post = (body: string): Promise<Response | null> =>
    fetch(`http://127.0.0.1:${port}/`, { method: "POST", body }).catch(() => null);
  let ship = startShip(["-c", config]);
  try {
    await until(
      async () => (await post("[]"))?.status === 200,
      20_000,
      () => "the intake doesn't answer",
    );
    for (let number = 0; number < 50; number++) {
      const answer = await post(falcoLine(number).trim());
      assert.deepEqual(await answer?.json(), { accepted: 1 });
    }
    assert.equal((await post(falcoLine(50) + falcoLine(51)))?.status, 200);
    assert.equal((await post("not json"))?.status, 400);
    await killNow(ship);
    sink.fault = () => null;
    ship = startShip(["-c", config]);
    await until(
      () => sink.documents.size >= 52,
      20_000,
      () => `${sink.documents.size} documents`,
    );
  } finally {
    await killNow(ship);
    await sink.close();
  }
  const numbers = [...sink.documents.values()].map(({ source }) => Number(/"evt\.num":(\d+)/.exec(source)?.[1]));
  assert.deepEqual(
    numbers.sort((left, right) => left - right),
    Array.from({ length: 52 }, (_, number) => number),
  );
});

test("standard input and syslog over TCP and UDP arrive", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const port = await freePort();
  const config = writeConfig(folder.path, {
    inputs: [{ type: "stdin" }, { type: "syslog", port }],
    output: { elasticsearch: { hosts: [sink.url] } },
    registry: { path: join(folder.path, "registry") },
    http: { enabled: false },
    logging: { level: "error" },
  });
  const ship = startShip(["-c", config]);
  try {
    ship.stdin?.write(falcoLine(1));
    await until(
      () => sink.documents.size === 1,
      20_000,
      () => "standard input doesn't arrive",
    );
    const socket = connect(port, "127.0.0.1");
    socket.end("<12>Nov 23 01:02:03 vm falco[77]: 12:43:52.640375428: Warning File below /etc opened\n");
    const datagram = createSocket("udp4");
    datagram.send(`<12>1 2026-11-23T01:02:03Z vm falco 77 - - ${falcoLine(2).trim()}`, port, "127.0.0.1", () =>
      datagram.close(),
    );
    await until(
      () => sink.documents.size === 3,
      20_000,
      () => `${sink.documents.size} documents`,
    );
  } finally {
    await killNow(ship);
    await sink.close();
  }
  const texts = [...sink.documents.values()].map(({ source }) => source).join("\n");
  assert.match(texts, /"message":"12:43:52\.640375428: Warning File below \/etc opened"/);
  assert.match(texts, /"host":\{"name":"vm"\},"process":\{"name":"falco"\}/);
  assert.match(texts, /"evt\.num":2/);
});

test("a body is one alert, an array or one a line, and large integers keep their digits", () => {
  const time = '{"evt.time":1744850154402867700}';
  assert.deepEqual(splitAlerts(`[${time},${time}]`), [time, time]);
  assert.deepEqual(splitAlerts(`${time}\n${time}\n`), [time, time]);
  assert.deepEqual(splitAlerts('{\n  "evt.time": 1744850154402867700\n}'), [time]);
  assert.equal(splitAlerts("nothing"), null);
  assert.equal(syslogLine("free text"), '{"message":"free text"}');
});

test("syslog comes over TLS, lines and messages with their length mixed, and only from clients with a certificate", async () => {
  using folder = temporaryFolder();
  const authority = createAuthority(folder.path, "authority");
  const server = authority.issue("127.0.0.1");
  const client = authority.issue("client");
  const spool = new Spool({ folder: join(folder.path, "spool"), segmentBytes: 1 << 20, maxBytes: 1 << 20 });
  await spool.open();
  const ssl = { certificate: server.cert, key: server.key, certificate_authorities: [authority.ca] };
  const input = await startSyslogInput("127.0.0.1", 0, spool, ssl);
  const port = Number(input.address.split(":").at(-1));
  const ca = readFileSync(authority.ca);
  const counted = "<12>1 2026-11-23T01:02:03Z vm falco 77 - - two\nlines";
  const text = `<12>one\n${Buffer.byteLength(counted)} ${counted}<12>three\n12345 not a length\n`;
  try {
    const stranger = connectTls({ port, host: "127.0.0.1", ca });
    stranger.on("error", () => undefined);
    stranger.end("<12>stranger\n");
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      ca,
      cert: readFileSync(client.cert),
      key: readFileSync(client.key),
    });
    socket.write(text.slice(0, 30));
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    socket.end(text.slice(30));
    const messages = (): string[] =>
      readFileSync(spool.file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (JSON.parse(line) as { message: string }).message);
    await until(
      () => messages().length === 4,
      10_000,
      () => messages().join(),
    );
    assert.deepEqual(messages(), ["one", "two\nlines", "three", "12345 not a length"]);
  } finally {
    await input.close();
    await spool.close();
  }
});
