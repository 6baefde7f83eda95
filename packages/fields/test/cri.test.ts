import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { criRuntime, discoverRuntimes } from "@falco-efk/fields";
import fc from "fast-check";
import { readCri } from "../src/containers/cri.ts";
import { callUnary, GrpcError } from "../src/containers/grpc.ts";
import { decodeMessage, encodeMessage, mapOf, messagesOf, numberOf, textOf } from "../src/containers/protobuf.ts";

const bytes = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${name}.bin`, import.meta.url));
const container = bytes("cri-container");
const sandbox = bytes("cri-sandbox");

const directory = await mkdtemp(join(tmpdir(), "fields-cri-"));
after(() => rmSync(directory, { recursive: true, force: true }));

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

async function serve(name: string, answer: (method: string, stream: ServerHttp2Stream) => void): Promise<string> {
  const socket = join(directory, name);
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream, headers) => answer(String(headers[":path"]).split("/").pop() ?? "", stream));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return socket;
}

function reply(stream: ServerHttp2Stream, message: Uint8Array): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(framed(message));
}

function refuse(stream: ServerHttp2Stream, status: number, message: string): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "grpc-status": String(status), "grpc-message": message },
    { endStream: true },
  );
}

test("messages survive encoding and decoding, unknown kinds are skipped", () => {
  const value = fc.oneof(fc.string(), fc.nat(), fc.boolean());
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), value), { maxLength: 20 }), (fields) => {
      const message = decodeMessage(encodeMessage(fields));
      for (const [number, given] of new Map(fields)) {
        if (typeof given === "string") assert.equal(textOf(message, number), given);
        else assert.equal(numberOf(message, number), Number(given));
      }
    }),
  );
  const fixed = Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 7]);
  assert.equal(numberOf(decodeMessage(fixed), 3), 7);
  assert.throws(() => decodeMessage(Buffer.from([0x0a, 5, 1])), /cut/);
  assert.throws(() => decodeMessage(Buffer.from([0x0b])), /unknown kind/);
  assert.throws(() => decodeMessage(Buffer.from([0x08, 0x80])), /cut/);
});

test("any bytes decode or are refused, never hang", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
      try {
        const message = decodeMessage(input);
        for (const number of message.keys()) textOf(message, number);
      } catch (error) {
        assert.match((error as Error).message, /message/);
      }
    }),
    { numRuns: 2000 },
  );
});

test("containerd's answers about a container and its pod are read whole", () => {
  const details = readCri("containerd", decodeMessage(container), decodeMessage(sandbox));
  assert.equal(details.name, "web");
  assert.equal(details.type, "containerd");
  assert.equal(details.fullId.length, 64);
  assert.equal(details.id, details.fullId.slice(0, 12));
  assert.equal(details.imageRepository, "registry.test/pause");
  assert.equal(details.imageTag, "1");
  assert.match(details.imageDigest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(details.imageId, "", "this runtime tells a name in its place");
  assert.equal(details.privileged, false);
  assert.equal(details.hostNetwork, true);
  assert.equal(details.hostPid, false);
  assert.deepEqual(details.mounts, [
    { source: "/tmp/cd/img", destination: "/data", mode: "", readWrite: false, propagation: "private" },
  ]);
  assert.equal(details.labels.get("app"), "shop");
  assert.equal(details.labels.get("io.kubernetes.pod.name"), "web-1");
  assert.equal(details.labels.get("io.kubernetes.pod.namespace"), "shop");
  assert.equal(details.podLabels.get("tier"), "front");
  assert.equal(details.podSandboxId.length, 64);
});

test("a pod's sandbox is described by its pod", () => {
  const details = readCri("containerd", null, decodeMessage(sandbox));
  assert.equal(details.name, "web-1");
  assert.equal(details.fullId, details.podSandboxId);
  assert.equal(details.imageRepository, "");
});

test("image references are read in all their forms", () => {
  const details = (image: string, reference: string, info = "{}") =>
    readCri(
      "cri",
      decodeMessage(
        encodeMessage([
          [
            1,
            encodeMessage([
              [1, "f".repeat(64)],
              [8, encodeMessage([[1, image]])],
              [9, reference],
            ]),
          ],
          [
            2,
            encodeMessage([
              [1, "info"],
              [2, info],
            ]),
          ],
        ]),
      ),
      null,
    );
  const named = details("nginx:1.27", "docker.io/library/nginx@sha256:12");
  assert.deepEqual(
    [named.imageRepository, named.imageTag, named.imageDigest],
    ["docker.io/library/nginx", "1.27", "sha256:12"],
  );
  assert.equal(named.image, "docker.io/library/nginx:1.27");
  const annotated = details(
    "sha256:ab",
    "sha256:cd",
    JSON.stringify({
      runtimeSpec: { annotations: { "io.kubernetes.cri.image-name": "quay.io/x/y:2" } },
      privileged: true,
    }),
  );
  assert.deepEqual(
    [annotated.imageRepository, annotated.imageTag, annotated.imageDigest, annotated.privileged],
    ["quay.io/x/y", "2", "sha256:cd", true],
  );
  const nonsense = details("", "", "not json");
  assert.deepEqual([nonsense.imageRepository, nonsense.privileged], ["", false]);
});

test("a runtime is asked for the container, its pod and its own name", async () => {
  const methods: string[] = [];
  const socket = await serve("cri.sock", (method, stream) => {
    methods.push(method);
    if (method === "Version") return reply(stream, encodeMessage([[2, "cri-o"]]));
    if (method === "ContainerStatus") return reply(stream, container);
    if (method === "ListContainers")
      return reply(
        stream,
        encodeMessage([
          [
            1,
            encodeMessage([
              [1, "x"],
              [2, "pod"],
            ]),
          ],
        ]),
      );
    return reply(stream, sandbox);
  });
  const runtime = criRuntime(socket);
  const details = await runtime.inspect("x");
  assert.equal(details?.type, "cri-o");
  assert.equal(details?.labels.get("io.kubernetes.pod.name"), "web-1");
  await runtime.inspect("x");
  assert.equal(methods.filter((method) => method === "Version").length, 1);
});

test("not found is no error, anything else is one that names the call", async () => {
  const nothing = await serve("nothing.sock", (_, stream) => refuse(stream, 5, "no such container"));
  assert.equal(await criRuntime(nothing).inspect("x"), null);
  const denied = await serve("denied.sock", (_, stream) => refuse(stream, 7, "not%20allowed"));
  await assert.rejects(criRuntime(denied).inspect("x"), (error: unknown) => {
    assert.ok(error instanceof GrpcError);
    assert.equal(error.status, 7);
    assert.match(error.message, /ContainerStatus answered 7: not allowed/);
    return true;
  });
});

test("a silent, a too talkative, a broken and an absent server are errors", async () => {
  const silent = await serve("silent.sock", () => {});
  await assert.rejects(callUnary(silent, "/s/M", encodeMessage([]), { timeout: 100 }), /no answer within 100 ms/);
  const talkative = await serve("talkative.sock", (_, stream) => reply(stream, Buffer.alloc(5000)));
  await assert.rejects(callUnary(talkative, "/s/M", encodeMessage([]), { maxBytes: 1000 }), /longer than 1000/);
  const broken = await serve("broken.sock", (_, stream) => {
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.from([0, 0, 0]));
  });
  await assert.rejects(callUnary(broken, "/s/M", encodeMessage([])), /no message/);
  const web = await serve("web.sock", (_, stream) => {
    stream.respond({ ":status": 404 });
    stream.end("not here");
  });
  await assert.rejects(callUnary(web, "/s/M", encodeMessage([])), /HTTP status 404/);
  await assert.rejects(callUnary(join(directory, "none.sock"), "/s/M", encodeMessage([])), /ENOENT/);
});

test("runtimes are found by their sockets and kept while these are there", () => {
  const there = new Set(["/run/containerd/containerd.sock", "/run/docker.sock"]);
  const runtimes = discoverRuntimes({ isSocket: (path) => there.has(path), list: () => [] });
  const first = runtimes();
  assert.deepEqual(
    first.map((runtime) => runtime.name),
    ["docker", "cri"],
  );
  assert.equal(runtimes()[0], first[0]);
  there.delete("/run/docker.sock");
  assert.deepEqual(
    runtimes().map((runtime) => runtime.name),
    ["cri"],
  );
});

test("a map field gives its entries", () => {
  const entry = (key: string, value: string): Uint8Array =>
    encodeMessage([
      [1, key],
      [2, value],
    ]);
  const message = decodeMessage(
    encodeMessage([
      [3, entry("a", "1")],
      [3, entry("b", "")],
    ]),
  );
  assert.deepEqual(
    [...mapOf(message, 3)],
    [
      ["a", "1"],
      ["b", ""],
    ],
  );
  assert.equal(messagesOf(message, 3).length, 2);
});
