import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Containers, criRuntime, RuntimeMetadata, readHostNamespaces, readProcess } from "@falco-efk/fields";
import { callUnary } from "../src/containers/grpc.ts";
import { decodeMessage, encodeMessage, textOf } from "../src/containers/protobuf.ts";

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", timeout: 60_000 });
const start = (command: string, args: readonly string[]) => spawn(command, args, { stdio: "ignore" });

const missing = ["containerd", "ctr", "runc", "gcc"].filter(
  (command) => spawnSync("sh", ["-c", `command -v ${command}`]).status !== 0,
);
const skip =
  process.getuid?.() !== 0
    ? "starting containerd takes root"
    : missing.length > 0
      ? `${missing.join(", ")} not installed`
      : false;

const IMAGE = "registry.test:5000/demo/sleepy:1.2";

/** An image of one static program, as `docker save` would write it. */
function writeImage(home: string): string {
  writeFileSync(join(home, "s.c"), "#include <unistd.h>\nint main(void) { sleep(600); return 0; }\n");
  run("gcc", ["-static", "-o", join(home, "sleepy"), join(home, "s.c")]);
  run("tar", ["-C", home, "-cf", join(home, "layer.tar"), "sleepy"]);
  const digest = createHash("sha256")
    .update(readFileSync(join(home, "layer.tar")))
    .digest("hex");
  const config = {
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["/sleepy"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
  };
  writeFileSync(join(home, "config.json"), JSON.stringify(config));
  writeFileSync(
    join(home, "manifest.json"),
    JSON.stringify([{ Config: "config.json", RepoTags: [IMAGE], Layers: ["layer.tar"] }]),
  );
  run("tar", ["-C", home, "-cf", join(home, "image.tar"), "manifest.json", "config.json", "layer.tar"]);
  return join(home, "image.tar");
}

test("a pod of a real containerd is described over CRI", { skip, timeout: 120_000 }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "fields-containerd-"));
  const socket = join(home, "containerd.sock");
  mkdirSync(join(home, "shared"));
  writeFileSync(
    join(home, "config.toml"),
    [
      "version = 2",
      `root = "${home}/root"`,
      `state = "${home}/state"`,
      "[grpc]",
      `  address = "${socket}"`,
      '[plugins."io.containerd.grpc.v1.cri"]',
      `  sandbox_image = "${IMAGE}"`,
      "  restrict_oom_score_adj = true",
      '  [plugins."io.containerd.grpc.v1.cri".containerd]',
      '    snapshotter = "native"',
      "",
    ].join("\n"),
  );
  const daemon = start("containerd", ["-c", join(home, "config.toml")]);
  const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
  const call = async (method: string, request: Uint8Array): Promise<string> =>
    textOf(
      decodeMessage(await callUnary(socket, `/runtime.v1.RuntimeService/${method}`, request, { timeout: 60_000 })),
      1,
    );
  const undo: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    daemon.kill("SIGTERM");
    await ended;
    rmSync(home, { recursive: true, force: true });
  });
  const deadline = performance.now() + 30_000;
  for (;;) {
    if (existsSync(socket) && (await call("Version", encodeMessage([])).catch(() => ""))) break;
    assert.ok(performance.now() < deadline, "containerd did not start within 30 s");
    await delay(50);
  }
  const ctr = (...args: readonly string[]): string => run("ctr", ["-a", socket, "-n", "k8s.io", ...args]);
  ctr("images", "import", "--snapshotter", "native", writeImage(home));

  const hostNetwork = encodeMessage([[1, 2]]);
  const label = (key: string, value: string): Uint8Array =>
    encodeMessage([
      [1, key],
      [2, value],
    ]);
  const podConfig = encodeMessage([
    [
      1,
      encodeMessage([
        [1, "web-0"],
        [2, "3e41dc6b-08a8-44db-bc2a-3724b18ab19a"],
        [3, "shop"],
      ]),
    ],
    [6, label("tier", "front")],
    [8, encodeMessage([[2, encodeMessage([[1, hostNetwork]])]])],
  ]);
  const pod = await call("RunPodSandbox", encodeMessage([[1, podConfig]]));
  undo.push(
    () => call("RemovePodSandbox", encodeMessage([[1, pod]])),
    () => call("StopPodSandbox", encodeMessage([[1, pod]])),
  );
  const config = encodeMessage([
    [1, encodeMessage([[1, "web"]])],
    [2, encodeMessage([[1, IMAGE]])],
    [
      7,
      encodeMessage([
        [1, "/data"],
        [2, join(home, "shared")],
        [3, true],
      ]),
    ],
    [9, label("app", "shop")],
    [15, encodeMessage([[2, encodeMessage([[3, hostNetwork]])]])],
  ]);
  const fullId = await call(
    "CreateContainer",
    encodeMessage([
      [1, pod],
      [2, config],
      [3, podConfig],
    ]),
  );
  await call("StartContainer", encodeMessage([[1, fullId]]));
  const pid = Number(new RegExp(`^${fullId}\\s+(\\d+)`, "m").exec(ctr("task", "ls"))?.[1]);
  const inside = readProcess(pid);
  assert.ok(inside);

  const metadata = new RuntimeMetadata({ runtimes: () => [criRuntime(socket)] });
  const containers = new Containers({ hostNamespaces: readHostNamespaces(), metadata });
  const container = containers.of(inside.task);
  assert.equal(container?.fullId, fullId);
  await containers.known(container);
  const details = containers.details(container);
  assert.ok(details);
  assert.deepEqual(
    [
      details.type,
      details.name,
      details.imageRepository,
      details.imageTag,
      details.hostNetwork,
      details.hostPid,
      details.podSandboxId,
    ],
    ["containerd", "web", "registry.test:5000/demo/sleepy", "1.2", true, false, pod],
  );
  assert.equal(details.mounts[0]?.destination, "/data");
  assert.equal(details.labels.get("io.kubernetes.pod.name"), "web-0");
  assert.equal(details.labels.get("io.kubernetes.pod.namespace"), "shop");
  assert.equal(details.podLabels.get("tier"), "front");
  assert.equal(
    (await metadata.request({ id: pod.slice(0, 12), fullId: pod, type: "cri", guessed: false }))?.name,
    "web-0",
  );
});
