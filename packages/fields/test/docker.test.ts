import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  Containers,
  containerOf,
  httpRuntime,
  RuntimeMetadata,
  readHostNamespaces,
  readProcess,
} from "@falco-efk/fields";

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", timeout: 60_000 });
const start = (command: string, args: readonly string[]) => spawn(command, args, { stdio: "ignore" });

const missing = ["dockerd", "docker", "gcc"].filter(
  (command) => spawnSync("sh", ["-c", `command -v ${command}`]).status !== 0,
);
const skip =
  process.getuid?.() !== 0
    ? "starting a Docker daemon takes root"
    : missing.length > 0
      ? `${missing.join(", ")} not installed`
      : false;

async function until(done: () => boolean, what: string, milliseconds = 30_000): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${milliseconds} ms`);
    await delay(50);
  }
}

test("a container of a real Docker daemon is told from the host and described", {
  skip,
  timeout: 120_000,
}, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "fields-docker-"));
  const socket = join(home, "docker.sock");
  const client = ["-H", `unix://${socket}`];
  const docker = (...args: readonly string[]): string =>
    execFileSync("docker", [...client, ...args], { encoding: "utf8", timeout: 60_000 }).trim();
  const daemon = start("dockerd", [
    "--data-root",
    join(home, "data"),
    "--exec-root",
    join(home, "exec"),
    "--pidfile",
    join(home, "pid"),
    "--host",
    `unix://${socket}`,
    "--iptables=false",
    "--ip6tables=false",
    "--bridge=none",
    "--storage-driver",
    "vfs",
  ]);
  const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
  t.after(async () => {
    spawnSync("docker", [...client, "rm", "-f", "web"], { timeout: 30_000 });
    daemon.kill("SIGTERM");
    await ended;
    rmSync(home, { recursive: true, force: true });
  });
  await until(() => existsSync(socket) && spawnSync("docker", [...client, "info"]).status === 0, "the daemon's start");

  writeFileSync(join(home, "s.c"), "#include <unistd.h>\nint main(void) { sleep(600); return 0; }\n");
  run("gcc", ["-static", "-o", join(home, "sleepy"), join(home, "s.c")]);
  run("tar", ["-C", home, "-cf", join(home, "image.tar"), "sleepy"]);
  docker("import", "--change", 'CMD ["/sleepy"]', join(home, "image.tar"), "registry.test:5000/demo/sleepy:1.2");
  mkdirSync(join(home, "shared"));
  const fullId = docker(
    "run",
    "-d",
    "--name",
    "web",
    "--network",
    "none",
    "-v",
    `${join(home, "shared")}:/data:ro`,
    "--label",
    "app=shop",
    "registry.test:5000/demo/sleepy:1.2",
  );
  const inside = readProcess(Number(docker("inspect", "-f", "{{.State.Pid}}", "web")));
  assert.ok(inside);

  const metadata = new RuntimeMetadata({ runtimes: () => [httpRuntime("docker", socket)] });
  const containers = new Containers({ hostNamespaces: readHostNamespaces(), metadata });
  const container = containers.of(inside.task);
  assert.equal(container?.fullId, fullId);
  assert.equal(containerOf(inside.task.cgroup)?.type, "docker");
  const self = readProcess(process.pid);
  assert.equal(self && containers.of(self.task), null);

  assert.equal(containers.details(container), undefined);
  await containers.known(container);
  const details = containers.details(container);
  assert.equal(details?.name, "web");
  assert.equal(details?.imageRepository, "registry.test:5000/demo/sleepy");
  assert.equal(details?.imageTag, "1.2");
  assert.equal(details?.privileged, false);
  assert.equal(details?.mounts[0]?.destination, "/data");
  assert.equal(details?.labels.get("app"), "shop");
});
