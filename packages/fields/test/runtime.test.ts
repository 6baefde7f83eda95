import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type ContainerDetails,
  type ContainerRef,
  findSockets,
  HOST_DETAILS,
  httpRuntime,
  type Runtime,
  RuntimeMetadata,
} from "@falco-efk/fields";
import { parseImageName } from "../src/containers/image-name.ts";
import { readInspect } from "../src/containers/inspect-json.ts";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
const container = fixture("docker-container");
const image = fixture("docker-image");
const fullId = (container as { readonly Id: string }).Id;
const ref: ContainerRef = { id: fullId.slice(0, 12), fullId, type: "docker", guessed: false };

const directory = await mkdtemp(join(tmpdir(), "fields-runtime-"));
after(() => rmSync(directory, { recursive: true, force: true }));

async function serve(
  name: string,
  handler: (path: string) => { status: number; body: string } | "hang",
): Promise<{ socket: string; server: Server; paths: string[] }> {
  const socket = join(directory, name);
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    paths.push(path);
    const answer = handler(path);
    if (answer === "hang") return;
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { socket, server, paths };
}

test("Docker's answer about a container is read whole", () => {
  const details = readInspect("docker", container, image);
  assert.ok(details);
  assert.deepEqual(
    { ...details, labels: Object.fromEntries(details.labels), podLabels: [] },
    {
      ...HOST_DETAILS,
      id: fullId.slice(0, 12),
      fullId,
      type: "docker",
      name: "vault",
      image: "registry.test:5000/demo/sleepy:1.2",
      imageId: (image as { readonly Id: string }).Id.replace("sha256:", ""),
      imageRepository: "registry.test:5000/demo/sleepy",
      imageTag: "1.2",
      privileged: true,
      mounts: [{ source: "/srv/mnt", destination: "/data", mode: "ro", readWrite: false, propagation: "rprivate" }],
      labels: { app: "shop", team: "blue" },
      podLabels: [],
    },
  );
});

test("a digest names the repository, and the tag of the same repository counts", () => {
  const details = readInspect("docker", container, {
    Id: "sha256:abc",
    RepoDigests: ["nginx@sha256:123", "mirror/nginx@sha256:123"],
    RepoTags: ["mirror/nginx:1", "nginx:1.27"],
  });
  assert.equal(details?.imageRepository, "nginx");
  assert.equal(details?.imageTag, "1.27");
  assert.equal(details?.imageDigest, "sha256:123");
  assert.equal(readInspect("docker", { message: "nonsense" }, null), null);
  assert.equal(readInspect("docker", container, null)?.imageRepository, "registry.test:5000/demo/sleepy");
});

test("podman tells the image's name with the container", () => {
  const details = readInspect(
    "podman",
    { Id: fullId, Name: "web", Image: "f00", ImageName: "docker.io/library/nginx:1.27", ImageDigest: "sha256:9" },
    null,
  );
  assert.deepEqual(
    [details?.type, details?.imageRepository, details?.imageTag, details?.imageDigest, details?.imageId],
    ["podman", "docker.io/library/nginx", "1.27", "sha256:9", "f00"],
  );
});

test("image names are split at the tag and not at the registry's port", () => {
  assert.deepEqual(parseImageName("a:5000/b/c"), { repository: "a:5000/b/c", tag: "" });
  assert.deepEqual(parseImageName("a:5000/b/c:d@sha256:e"), { repository: "a:5000/b/c", tag: "d" });
  assert.deepEqual(parseImageName(""), { repository: "", tag: "" });
});

test("a runtime is asked over its socket: the container, then its image", async () => {
  const { socket, paths } = await serve("docker.sock", (path) =>
    path.startsWith("/containers/")
      ? path.includes(fullId)
        ? { status: 200, body: JSON.stringify(container) }
        : { status: 404, body: '{"message":"no such container"}' }
      : { status: 200, body: JSON.stringify(image) },
  );
  const runtime = httpRuntime("docker", socket);
  assert.equal((await runtime.inspect(fullId))?.imageTag, "1.2");
  assert.equal(paths.length, 2);
  assert.equal(await runtime.inspect("0".repeat(64)), null);
});

test("errors of a runtime are told: status, nonsense, size, silence, no socket", async () => {
  const { socket } = await serve("bad.sock", (path) => {
    if (path.includes("status")) return { status: 500, body: "{}" };
    if (path.includes("nonsense")) return { status: 200, body: "<html>" };
    if (path.includes("size")) return { status: 200, body: " ".repeat(1000) };
    return "hang";
  });
  const runtime = httpRuntime("docker", socket, { timeout: 100, maxBytes: 500 });
  await assert.rejects(runtime.inspect("status"), /answered 500/);
  await assert.rejects(runtime.inspect("nonsense"), /no JSON/);
  await assert.rejects(runtime.inspect("size"), /longer than 500/);
  await assert.rejects(runtime.inspect("silence"));
  await assert.rejects(httpRuntime("docker", join(directory, "none.sock")).inspect("x"), /ENOENT/);
});

const details: ContainerDetails = { ...HOST_DETAILS, id: ref.id, fullId, name: "web" };
const runtimeOf = (inspect: Runtime["inspect"]): Runtime => ({ name: "test", socket: "", inspect });

test("a container is asked for once however many wait, and then kept", async () => {
  let asked = 0;
  const metadata = new RuntimeMetadata({
    runtimes: () => [
      runtimeOf(async () => {
        asked++;
        return details;
      }),
    ],
    now: () => 0,
  });
  assert.equal(metadata.get(ref), undefined);
  const answers = await Promise.all([metadata.request(ref), metadata.request(ref), metadata.request(ref)]);
  assert.deepEqual(answers, [details, details, details]);
  assert.equal(metadata.get(ref), details);
  assert.equal(asked, 1);
});

test("a runtime that hangs or fails does not hide another's answer", async () => {
  const errors: unknown[] = [];
  const metadata = new RuntimeMetadata({
    runtimes: () => [
      runtimeOf(() => new Promise(() => {})),
      runtimeOf(async () => {
        throw new Error("refused");
      }),
      runtimeOf(async () => details),
    ],
    onError: (_, error) => errors.push(error),
  });
  assert.equal(await metadata.request(ref), details);
  assert.equal(errors.length, 1);
});

test("a container that nobody knows yet is asked for again, and after a while once more", async () => {
  let now = 0;
  let known = false;
  let asked = 0;
  const pauses: number[] = [];
  const metadata = new RuntimeMetadata({
    runtimes: () => [
      runtimeOf(async () => {
        asked++;
        return known ? details : null;
      }),
    ],
    retries: [10, 20],
    retryAfter: 1000,
    now: () => now,
    sleep: async (milliseconds) => {
      pauses.push(milliseconds);
    },
  });
  assert.equal(await metadata.request(ref), null);
  assert.deepEqual(pauses, [10, 20]);
  assert.equal(asked, 3);
  known = true;
  assert.equal(metadata.get(ref), null);
  assert.equal(asked, 3);
  now = 2000;
  assert.equal(metadata.get(ref), null, "asked for again without waiting");
  await new Promise(setImmediate);
  assert.equal(metadata.get(ref), details);
});

test("the containers kept are bounded", async () => {
  let asked = 0;
  const metadata = new RuntimeMetadata({
    runtimes: () => [
      runtimeOf(async () => {
        asked++;
        return details;
      }),
    ],
    maxContainers: 2,
  });
  for (const name of ["a", "b", "c"]) await metadata.request({ ...ref, fullId: name });
  assert.equal(metadata.get({ ...ref, fullId: "a" }), undefined);
  assert.equal(metadata.get({ ...ref, fullId: "c" }), details);
  assert.equal(asked, 3);
});

test("sockets are found where runtimes put them, Docker's once", () => {
  const there = new Set([
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/user/1000/podman/podman.sock",
    "/run/k3s/containerd/containerd.sock",
  ]);
  const found = findSockets({ isSocket: (path) => there.has(path), list: () => ["1000", "1001"] });
  assert.deepEqual(
    found.map(({ kind, path }) => `${kind} ${path}`),
    ["docker /run/docker.sock", "podman /run/user/1000/podman/podman.sock", "cri /run/k3s/containerd/containerd.sock"],
  );
  assert.deepEqual(
    findSockets({ isSocket: (path) => path === "/var/run/docker.sock", list: () => [] }).map(({ path }) => path),
    ["/var/run/docker.sock"],
  );
});
