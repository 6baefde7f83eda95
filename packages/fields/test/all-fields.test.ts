import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordInput } from "@falco-efk/event";
import { type ContainerDetails, DomainNames, FIELD_DEFINITIONS, HOST_DETAILS } from "@falco-efk/fields";
import { ip, print, read, World } from "./support.ts";

const SECOND = 1_000_000_000n;
const BOOT = 1_000_000_000n * SECOND;
const CONTAINER = "ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12cd34ef56ab12";
const INSIDE = {
  cgroup: `/system.slice/docker-${CONTAINER}.scope`,
  pidNamespace: 2,
  mountNamespace: 2,
  pidNamespaceStart: 90_000_000_000,
  uid: 1000,
  gid: 1000,
  loginUid: 1000,
  tty: 34_816,
  capEffective: 1n,
  capPermitted: 1n,
  capInheritable: 1n,
};
const DETAILS: ContainerDetails = {
  ...HOST_DETAILS,
  id: CONTAINER.slice(0, 12),
  fullId: CONTAINER,
  type: "docker",
  name: "k8s_web_shop-1_shop_12345678-1234-1234-1234-123456789012_0",
  image: "docker.io/library/nginx:1.27",
  imageId: "0123456789ab",
  imageRepository: "docker.io/library/nginx",
  imageTag: "1.27",
  imageDigest: "sha256:0123",
  ip: "10.0.0.7",
  cniJson: '{"cniVersion":"1.0.0"}',
  privileged: true,
  mounts: [{ source: "/host", destination: "/data", mode: "z", readWrite: true, propagation: "private" }],
  labels: new Map([
    ["app", "shop"],
    ["io.kubernetes.pod.name", "shop-1"],
    ["io.kubernetes.pod.namespace", "shop"],
    ["io.kubernetes.pod.uid", "12345678-1234-1234-1234-123456789012"],
    ["io.kubernetes.sandbox.id", CONTAINER],
  ]),
  podSandboxId: CONTAINER,
  podLabels: new Map([["app", "shop"]]),
};

const task = (pid: number, ppid: number, comm: string) => ({
  ...INSIDE,
  pid,
  ppid,
  vpid: pid - 90,
  comm,
  startTime: pid * 1_000_000_000,
});
const IMAGE = {
  exe: "./bash",
  exePath: "/usr/bin/bash",
  comm: "bash",
  args: ["-c", "ls"],
  env: ["HOME=/root"],
  cwd: "/root",
  exeInode: 7,
  exeCtime: 1_600_000_000_000_000_000n,
  exeMtime: 1_600_000_000_000_000_000n,
  exeWritable: true,
  exeUpperLayer: true,
  exeLowerLayer: true,
  exeFromMemfd: true,
  cgroups: [`cpu=${INSIDE.cgroup}`],
};
const FIGURES = { pgft_maj: 1, pgft_min: 2, vm_size: 3, vm_rss: 4, vm_swap: 5 };
const PEERS = {
  family: "ipv4",
  protocol: "tcp",
  role: "client",
  localAddress: ip("10.0.0.7"),
  localPort: 4000,
  remoteAddress: ip("1.2.3.4"),
  remotePort: 443,
  unixPath: null,
} as const;
/** Arguments of the fields that need one, where 0 or `app` says nothing. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  "evt.type.is": "openat",
  "evt.arg": "flags",
  "evt.rawarg": "flags",
  "thread.cgroup": "cpu",
  "proc.env": "HOME",
  "proc.aenv": "HOME",
  "container.mount": "0",
  "container.mount.source": "/data",
  "container.mount.dest": "/host",
  "container.mount.mode": "/host",
  "container.mount.rdwr": "/host",
  "container.mount.propagation": "/host",
};

const exec = (pid: number, ppid: number): RecordInput => ({
  type: "execve",
  task: task(pid, ppid, "bash"),
  image: IMAGE,
  params: FIGURES,
  time: BOOT + BigInt(pid + 1) * SECOND,
});

/** Events of one shell in a container, and its forefathers: together they give every field something to tell. */
const shell = task(120, 110, "bash");
const EVENTS: readonly RecordInput[] = [
  exec(100, 1),
  exec(110, 100),
  exec(120, 110),
  { type: "openat", task: shell, result: -2, params: { dirfd: -100, flags: 1 }, paths: [{ raw: "x" }] },
  {
    type: "openat",
    task: shell,
    result: 3,
    time: BOOT + 200n * SECOND,
    params: { dirfd: -100, flags: 0o102, mode: 0o644 },
    paths: [{ raw: "/etc/shadow", real: "/etc/shadow2" }],
    fd: { path: "/etc/shadow", device: 5, inode: 9, created: true, overlay: "upper" },
  },
  {
    type: "rename",
    task: shell,
    paths: [
      { raw: "a", base: "/tmp" },
      { raw: "b", base: "/tmp" },
    ],
  },
  { type: "symlink", task: shell, params: { target: "a" }, paths: [{ raw: "b", base: "/tmp" }] },
  {
    type: "connect",
    task: shell,
    result: -111,
    params: { fd: 4, tuple: PEERS },
    fd: { number: 4, kind: "ipv4", tuple: PEERS },
  },
  ...["sendto", "recvfrom"].map((type) => ({
    type,
    task: shell,
    result: 4,
    params: { fd: 4, size: 4, data: Buffer.from("data"), tuple: PEERS },
    fd: { number: 4, kind: "ipv4", tuple: PEERS } as const,
  })),
];

test("every field that is not refused has something to tell of some event", async () => {
  const metadata = { get: () => DETAILS, request: async () => DETAILS };
  const domains = new DomainNames({ resolve: async (name) => [name === "peer.test" ? "1.2.3.4" : "10.0.0.7"] });
  await domains.watch(["peer.test", "here.test"]);
  const world = new World({
    processes: { bootTime: BOOT },
    containers: { hostNamespaces: { pid: 1, mount: 1 }, metadata },
    domains,
  });
  const known = FIELD_DEFINITIONS.filter((definition) => definition.unsupported === undefined);
  const silent = new Set(known.map((definition) => definition.name));
  for (const input of EVENTS) {
    const event = world.event(input);
    for (const { name, argument } of known) {
      if (!silent.has(name)) continue;
      const given = ARGUMENTS[name] ?? (argument === "required-index" ? "1" : "app");
      const text = argument.startsWith("required") || name in ARGUMENTS ? `${name}[${given}]` : name;
      if ([read(event, text), print(event, text)].some((value) => value !== null && value !== "")) silent.delete(name);
    }
  }
  assert.deepEqual([...silent], []);
});
