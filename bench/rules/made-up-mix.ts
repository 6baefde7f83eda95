import { eventTypeByName } from "@falco-efk/event";
import type { TableEvent } from "../../packages/rules/test/support/table-resolver.ts";

/** A made-up event and its type: plain values, so that what is measured is the rules and not the reading of frames. */
export interface MixEntry {
  readonly type: number;
  readonly event: TableEvent;
}

/** A generator of numbers below `limit`, the same every time. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * limit);
  };
}

const PROCESSES = ["node", "bash", "git", "nginx", "postgres", "systemd", "python3", "cc1", "containerd", "java"];
const PATHS = [
  "/usr/lib/x86_64-linux-gnu/libc.so.6",
  "/etc/ld.so.cache",
  "/proc/self/stat",
  "/home/dev/app/node_modules/left-pad/index.js",
  "/home/dev/app/src/main.ts",
  "/var/lib/postgresql/15/main/base/1/2619",
  "/usr/share/zoneinfo/UTC",
  "/tmp/cc4x2a1.s",
  "/sys/fs/cgroup/memory.max",
  "/var/cache/nginx/a/b/0001",
];

/**
 * Events in about the proportions of a busy host: mostly opens, then connections, executions and the rest.
 *
 * @param matching how many of 1,000 events match a rule
 */
export function makeMix(count: number, matching: number): readonly MixEntry[] {
  const random = numbers(42);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const kind = random(100);
    const name =
      kind < 70
        ? "openat"
        : kind < 82
          ? "connect"
          : kind < 92
            ? "execve"
            : pick(["unlinkat", "renameat2", "dup2", "sendto"]);
    const path = random(1000) < matching ? "/etc/shadow" : pick(PATHS);
    const process = pick(PROCESSES);
    const write = random(4) === 0 && !path.startsWith("/etc");
    const event: TableEvent = {
      "evt.type": name,
      "evt.num": index + 1,
      "evt.rawres": 3,
      "evt.res": "SUCCESS",
      "evt.arg.res": "SUCCESS",
      "evt.arg.flags": write ? "O_CREAT|O_WRONLY" : "O_RDONLY|O_CLOEXEC",
      "evt.is_open_read": name === "openat" && !write,
      "evt.is_open_write": name === "openat" && write,
      "evt.is_open_exec": false,
      "fd.name": name === "openat" ? path : name === "connect" ? "10.0.0.5:41000->10.0.0.9:5432" : null,
      "fd.nameraw": name === "openat" ? path : null,
      "fd.directory": name === "openat" ? path.slice(0, path.lastIndexOf("/")) : null,
      "fd.filename": name === "openat" ? path.slice(path.lastIndexOf("/") + 1) : null,
      "fd.num": 3,
      "fd.type": name === "connect" ? "ipv4" : "file",
      "fd.typechar": name === "connect" ? "4" : "f",
      "fd.l4proto": name === "connect" ? "tcp" : null,
      "fd.sip": name === "connect" ? Uint8Array.of(10, 0, 0, 9) : null,
      "fd.sport": name === "connect" ? 5432 : null,
      "fd.snet": name === "connect" ? Uint8Array.of(10, 0, 0, 9) : null,
      "proc.name": process,
      "proc.exe": `/usr/bin/${process}`,
      "proc.exepath": `/usr/bin/${process}`,
      "proc.cmdline": `${process} --serve ${index % 7}`,
      "proc.args": `--serve ${index % 7}`,
      "proc.pname": "systemd",
      "proc.pcmdline": "systemd --user",
      "proc.aname": ["systemd", "bash", "sshd"],
      "proc.aname[1]": "systemd",
      "proc.aname[2]": "bash",
      "proc.cwd": "/home/dev/app/",
      "proc.tty": 0,
      "proc.vpid": 4000,
      "proc.duration": 8_000_000_000,
      "proc.env": "PATH=/usr/bin HOME=/home/dev",
      "proc.is_exe_upper_layer": false,
      "user.name": "dev",
      "user.uid": 1000,
      "user.loginuid": 1000,
      "container.id": "host",
      "container.privileged": null,
    };
    return { type: eventTypeByName(name)?.id as number, event };
  });
}
