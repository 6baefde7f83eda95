import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { createServer as createSecureServer } from "node:tls";
import { checkConfig } from "../src/index.ts";
import { createSink } from "../src/sinks/create-sink.ts";
import type { Sink } from "../src/sinks/sink.ts";
import { batchOf } from "./support/batches.ts";
import { type CertificateFiles, certificateCases } from "./support/certificates.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";
import { type RecordingContext, recordingContext } from "./support/sink-context.ts";

const NEVER = new AbortController().signal;
const HEADER = /^<132>1 2026-11-\d\dT\d\d:\d\d:\d\d\.\d{6}Z vm falco - - - (\{.*\})$/;

/** A receiver that keeps whole streams; `cut` is asked for each connection how many bytes it reads before it breaks. */
async function startReceiver(files: CertificateFiles | null, cut: (connection: number) => number | null) {
  const streams: string[] = [];
  const take = (socket: Socket): void => {
    const at = streams.push("") - 1;
    const limit = cut(at);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      streams[at] += chunk.toString("utf8");
      if (limit !== null && (streams[at] ?? "").length > limit) socket.resetAndDestroy();
    });
  };
  const server =
    files === null
      ? createServer(take)
      : createSecureServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) }, take);
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { streams, port, close: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
}

/** The messages of an octet-counted stream that is whole. */
function messagesOf(stream: string): string[] {
  const bytes = Buffer.from(stream);
  const messages: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = space + 1 + Number(bytes.toString("latin1", at, space));
    if (end > bytes.length) break;
    messages.push(bytes.toString("utf8", space + 1, end));
    at = end;
  }
  return messages;
}

function sinkFor(syslog: object, context: RecordingContext): Promise<Sink> {
  const backoff = { init: "5ms", max: "20ms" };
  return createSink(checkConfig({ output: { syslog: { backoff, timeout: "5s", ...syslog } } }), context);
}

const lines = Array.from({ length: 300 }, (_, number) => falcoLine(number));
const batch = batchOf(lines.join(""));

test("records arrive over TCP as RFC 5424 messages, though connections are cut, and each at least once", async () => {
  const receiver = await startReceiver(null, (connection) => (connection < 3 ? 30_000 * connection : null));
  const context = recordingContext();
  const sink = await sinkFor({ host: `127.0.0.1:${receiver.port}` }, context);
  await sink.deliver([batch], NEVER);
  await sink.close();
  await receiver.close();
  assert.equal(context.troubles.length, 3);
  const whole = messagesOf(receiver.streams.at(-1) ?? "");
  assert.equal(whole.length, 300);
  for (const message of whole) assert.match(message, HEADER);
  const record = JSON.parse(HEADER.exec(whole[7] ?? "")?.[1] ?? "") as Record<string, unknown>;
  assert.equal(record.time, JSON.parse(lines[7] ?? "").time);
  assert.equal(context.delivered(), 300);
});

test("without confirmation one connection is kept and messages may be lines", async () => {
  const receiver = await startReceiver(null, () => null);
  const context = recordingContext();
  const sink = await sinkFor({ host: `127.0.0.1:${receiver.port}`, confirm: false, framing: "newline" }, context);
  for (let round = 0; round < 3; round++) await sink.deliver([batch], NEVER);
  const count = (): number => (receiver.streams[0] ?? "").split("\n").length - 1;
  await until(
    () => count() === 900,
    5000,
    () => `${count()} messages`,
  );
  await sink.close();
  await receiver.close();
  assert.equal(receiver.streams.length, 1);
});

test("datagrams arrive over UDP, and a record longer than one becomes a dead letter", async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const received: string[] = [];
  socket.on("message", (message) => received.push(message.toString("utf8")));
  const context = recordingContext();
  const sink = await sinkFor({ host: `127.0.0.1:${socket.address().port}`, protocol: "udp" }, context);
  await sink.deliver([batchOf(`${lines[0]}{"long":"${"x".repeat(70_000)}"}\n${lines[1]}`)], NEVER);
  await until(
    () => received.length === 2,
    5000,
    () => `${received.length} datagrams`,
  );
  await sink.close();
  socket.close();
  for (const message of received) assert.match(message, HEADER);
  assert.deepEqual(
    context.rejected.map(({ index }) => index),
    [1],
  );
  assert.equal(context.delivered(), 2);
});

test("over TLS another authority's certificate, an expired one and one for another host are refused", async () => {
  using folder = temporaryFolder();
  const { ca, refused, accepted } = certificateCases(folder.path);
  const ssl = { certificate_authorities: [ca] };
  for (const [files, reason] of [...refused, [accepted, null] as const]) {
    const receiver = await startReceiver(files, () => null);
    const context = recordingContext();
    const sink = await sinkFor({ host: `127.0.0.1:${receiver.port}`, protocol: "tls", ssl }, context);
    if (reason === null) {
      assert.match(await sink.check(), /connected over TLS$/);
      await sink.deliver([batch], NEVER);
      assert.equal(messagesOf(receiver.streams.join("")).length, 300);
    } else {
      await assert.rejects(sink.check(), reason);
      await assert.rejects(sink.deliver([batch], AbortSignal.timeout(150)));
      assert.match(context.troubles[0] ?? "", reason);
      assert.equal(receiver.streams.join(""), "");
    }
    await sink.close();
    await receiver.close();
  }
});
