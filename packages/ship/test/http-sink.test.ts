import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "../src/index.ts";
import { createSink } from "../src/sinks/create-sink.ts";
import type { Sink } from "../src/sinks/sink.ts";
import { batchOf } from "./support/batches.ts";
import { certificateCases } from "./support/certificates.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { startLineReceiver } from "./support/line-receiver.ts";
import { temporaryFolder } from "./support/ship-process.ts";
import { type RecordingContext, recordingContext } from "./support/sink-context.ts";

const NEVER = new AbortController().signal;

function sinkFor(http: object, context: RecordingContext): Promise<Sink> {
  const backoff = { init: "5ms", max: "20ms" };
  return createSink(checkConfig({ output: { http: { timeout: "200ms", backoff, ...http } } }), context);
}

function numbers(lines: readonly string[]): number[] {
  return lines.map((line) => Number(/"evt\.num":(\d+)/.exec(line)?.[1])).sort((left, right) => left - right);
}

const hundred = batchOf(Array.from({ length: 100 }, (_, number) => falcoLine(number)).join(""));
const all = Array.from({ length: 100 }, (_, number) => number);

test("records are posted as compressed lines with token and headers, in requests of a bounded size", async () => {
  const receiver = await startLineReceiver();
  const context = recordingContext();
  const parameters = { token: "secret token", type: "falco" };
  const url = `${receiver.url}/bulk?a=b`;
  const sink = await sinkFor({ url, parameters, headers: { "x-team": "red" }, bulk_max_bytes: "16KiB" }, context);
  await sink.deliver([hundred], NEVER);
  await sink.close();
  await receiver.close();
  assert.deepEqual(numbers(receiver.lines), all);
  assert.equal(context.delivered(), 100);
  assert.ok(receiver.lines.every((line) => typeof JSON.parse(line)["@timestamp"] === "string"));
  assert.ok(receiver.requests.length > 3 && receiver.requests.every(({ bytes }) => bytes <= 16_384));
  const [first] = receiver.requests;
  assert.equal(first?.path, "/bulk?a=b&token=secret+token&type=falco");
  assert.equal(first?.headers["content-encoding"], "gzip");
  assert.equal(first?.headers["x-team"], "red");
});

test("429 with Retry-After, 503, a wrong token, cut connections and silence are tried again until all is there", async () => {
  const receiver = await startLineReceiver();
  const context = recordingContext();
  const faults = [{ status: 429, retryAfter: "1" }, { status: 503 }, { status: 401 }, "cut", "silence"] as const;
  receiver.fault = (_, request) => faults[request - 1] ?? null;
  const sink = await sinkFor({ url: receiver.url, parameters: { token: "secret" } }, context);
  const start = performance.now();
  await sink.deliver([hundred], NEVER);
  await sink.close();
  await receiver.close();
  assert.deepEqual(numbers(receiver.lines), all);
  assert.equal(context.troubles.length, 5);
  assert.ok(performance.now() - start >= 1000, "Retry-After is kept");
  assert.doesNotMatch(context.troubles.join(), /secret/);
});

test("a record that is refused with 400 or 413 becomes a dead letter alone", async () => {
  const receiver = await startLineReceiver();
  const context = recordingContext();
  receiver.fault = (lines) => {
    if (lines.some((line) => line.includes('"evt.num":42,'))) return { status: 400, body: "malformed" };
    return lines.some((line) => line.includes('"evt.num":77,')) ? { status: 413 } : null;
  };
  const sink = await sinkFor({ url: receiver.url }, context);
  await sink.deliver([hundred], NEVER);
  assert.deepEqual(
    context.rejected.map(({ index, status, reason }) => [index, status, reason]),
    [
      [42, 400, "status 400: malformed"],
      [77, 413, "status 413"],
    ],
  );
  assert.deepEqual(
    numbers(receiver.lines),
    all.filter((number) => number !== 42 && number !== 77),
  );
  receiver.requests.length = 0;
  receiver.fault = () => ({ status: 400, body: '{"malformedLines":100,"successfulLines":0}' });
  await sink.deliver([hundred], NEVER);
  assert.equal(receiver.requests.length, 1, "nothing is halved when the receiver says it took none");
  assert.equal(context.rejected.length, 102);
  await sink.close();
  await receiver.close();
});

test("over TLS another authority's certificate, an expired one and one for another host are refused", async () => {
  using folder = temporaryFolder();
  const { ca, refused, accepted } = certificateCases(folder.path);
  const ssl = { certificate_authorities: [ca] };
  for (const [files, reason] of [...refused, [accepted, null] as const]) {
    const receiver = await startLineReceiver(files);
    const context = recordingContext();
    const sink = await sinkFor({ url: receiver.url, parameters: { token: "secret" }, ssl, timeout: "5s" }, context);
    if (reason === null) {
      assert.match(await sink.check(), /answers \(status 405 to HEAD\)$/);
      await sink.deliver([hundred], NEVER);
      assert.deepEqual(numbers(receiver.lines), all);
    } else {
      await assert.rejects(sink.check(), reason);
      await assert.rejects(sink.deliver([hundred], AbortSignal.timeout(150)));
      assert.match(context.troubles[0] ?? "", reason);
      assert.equal(receiver.lines.length, 0);
    }
    await sink.close();
    await receiver.close();
  }
});
