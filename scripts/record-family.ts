import { execFileSync, spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readBootTime } from "@falco-efk/fields";
import { openProbe, writeCapture } from "@falco-efk/probe";
import { LAYOUT } from "../packages/probe/src/frame-layout.ts";

/**
 * Lays the project, as it was last committed, and `parts` of what is installed in it into another folder, whose name the
 * recorded paths are to have. A mount would not do: the kernel knows a mounted folder by its other path too.
 */
export function layProject(root: string, folder: string, parts: readonly string[]): void {
  rmSync(folder, { recursive: true, force: true });
  execFileSync("git", ["clone", "--quiet", "--depth", "50", `file://${root}`, folder], { stdio: "inherit" });
  execFileSync("git", ["-C", folder, "remote", "remove", "origin"]);
  for (const part of parts) cpSync(`${root}${part}`, `${folder}/${part}`, { recursive: true, verbatimSymlinks: true });
}

/** What is recorded, and into which file. */
export interface RecordOptions {
  readonly file: string;
  /** Event types by index. */
  readonly types: readonly number[];
  /** Where the commands run. */
  readonly folder: string;
  /** Commands for a shell. */
  readonly commands: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The shell leaves the cgroups it was born in, which name this machine, and waits to be known before it begins. */
const LEAVE_CGROUPS =
  'for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do echo $$ 2>/dev/null >"$f"; done; sleep 0.5;';

/**
 * Records what commands and all that descends from them do on this machine's live kernel, with nothing held back there, and
 * nothing else that happens. The capture tells of no other process and of one account.
 */
export async function recordFamily({ file, types, folder, commands, env = {} }: RecordOptions): Promise<void> {
  rmSync(file, { force: true });
  const family = new Set<number>();
  const probe = await openProbe({ types });
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
      const pid = view.getUint32(at + LAYOUT["frame.pid"], true);
      // A frame belongs when its task or the task's parent does.
      if (family.has(pid) || family.has(view.getUint32(at + LAYOUT["frame.ppid"], true))) {
        family.add(pid);
        capture.write(frames.subarray(at, at + size));
      }
      at += size;
    }
  });
  const stop = new AbortController();
  const watching = probe.run(() => {}, { signal: stop.signal });
  const child = spawn("/bin/sh", ["-c", `${LEAVE_CGROUPS}\n${commands}`], {
    cwd: folder,
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8", ...env },
    stdio: "inherit",
  });
  await sleep(300);
  if (child.pid !== undefined) family.add(child.pid);
  await new Promise((resolve) => child.once("exit", resolve));
  await sleep(500);
  stop.abort();
  await watching;
  probe.tap(null);
  capture.close();
  await probe.close();
}
