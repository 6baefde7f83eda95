import assert from "node:assert/strict";
import { test } from "node:test";
import { imageOf, taskOf } from "@falco-efk/event";
import {
  type ContainerDetails,
  type ContainerMetadata,
  type ContainerRef,
  Containers,
  containerOf,
  HOST_DETAILS,
} from "@falco-efk/fields";
import fc from "fast-check";
import { globMatches } from "../src/glob.ts";
import { expectFields, World } from "./support.ts";

const ID = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";
const HOST = { pid: 100, mount: 200 };
const INSIDE = { pidNamespace: 101, mountNamespace: 201, cgroup: `/docker/${ID}` };

const EXAMPLES: readonly (readonly [path: string, type: string, id: string])[] = [
  [`/docker/${ID}`, "docker", "3ad7b26ded6d"],
  [`/system.slice/docker-${ID}.scope`, "docker", "3ad7b26ded6d"],
  [`/machine.slice/libpod-${ID}.scope`, "podman", "3ad7b26ded6d"],
  [`/machine.slice/libpod-${ID}.scope/container`, "podman", "3ad7b26ded6d"],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, "podman", "3ad7b26ded6d"],
  [`/libpod_parent/libpod-${ID}`, "podman", "3ad7b26ded6d"],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-${ID}.scope`,
    "containerd",
    "3ad7b26ded6d",
  ],
  [`/kubepods.slice/kubepods-pod1.slice/crio-${ID}.scope`, "cri-o", "3ad7b26ded6d"],
  [`/kubepods/besteffort/pod3e41dc6b-08a8-44db-bc2a-3724b18ab19a/${ID}`, "cri", "3ad7b26ded6d"],
  [`/system.slice/k3s.service/kubepods-burstable.slice:cri-containerd:${ID}`, "containerd", "3ad7b26ded6d"],
  [`/system.slice/docker-${ID}.scope/init.scope`, "docker", "3ad7b26ded6d"],
  [`/docker/${ID}/system.slice/nginx.service`, "docker", "3ad7b26ded6d"],
  ["/lxc/web", "lxc", "web"],
  ["/lxc.payload.web/init.scope", "lxc", "web"],
  ["/lxc.payload/web", "lxc", "web"],
  ["/machine.slice/machine-deb\\x2d12.scope/payload", "systemd-nspawn", "deb-12"],
  ["/machine.slice/systemd-nspawn@deb12.service/payload", "systemd-nspawn", "deb12"],
  ["/default/nginx-1", "containerd", "nginx-1"],
  [
    "/machine.slice/machine-lxc\\x2d2293906\\x2dlibvirt\\x2dcontainer.scope/libvirt",
    "libvirt-lxc",
    "2293906\\x2dlibvirt\\x2dcontainer",
  ],
];

test("the cgroups of known runtimes name their containers", () => {
  for (const [path, type, id] of EXAMPLES) {
    const found = containerOf(path);
    assert.deepEqual([found?.type, found?.id], [type, id], path);
  }
});

test("the cgroups of an ordinary host name none", () => {
  for (const path of [
    "",
    "/",
    "/init.scope",
    "/system.slice/ssh.service",
    "/system.slice/docker.service",
    "/user.slice/user-1000.slice/session-3.scope",
    "/user.slice/user-1000.slice/user@1000.service/app.slice/foo",
    "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
    `/docker/${ID.slice(1)}x/y/z`,
    "/a/b.service",
  ]) {
    assert.equal(containerOf(path), null, path);
  }
});

test("an id of 64 digits is found whole below any parent, and cut to 12", () => {
  const id = fc.stringMatching(/^[0-9a-f]{64}$/);
  const parent = fc
    .array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join("/")}`);
  const shape = fc.constantFrom<(id: string) => string>(
    (text) => `/${text}`,
    (text) => `/docker-${text}.scope`,
    (text) => `/libpod-${text}.scope`,
    (text) => `/crio-${text}.scope`,
    (text) => `/cri-containerd-${text}.scope`,
  );
  fc.assert(
    fc.property(parent, id, shape, (above, text, make) => {
      fc.pre(!/\/(?:lxc)(?:\/|$)/.test(above));
      const found = containerOf(above + make(text));
      assert.equal(found?.fullId, text);
      assert.equal(found?.id, text.slice(0, 12));
    }),
  );
});

test("a container is a name in the cgroup and a namespace of its own", () => {
  const containers = new Containers({ hostNamespaces: HOST });
  const of = (task: object) => containers.of(taskOf({ ...INSIDE, ...task }))?.id ?? "host";
  assert.equal(of({}), "3ad7b26ded6d");
  assert.equal(of({ pidNamespace: HOST.pid }), "3ad7b26ded6d", "docker run --pid=host");
  assert.equal(of({ mountNamespace: HOST.mount }), "3ad7b26ded6d");
  assert.equal(
    of({ pidNamespace: HOST.pid, mountNamespace: HOST.mount }),
    "host",
    "a machine whose own cgroup is named so",
  );
  assert.equal(of({ cgroup: "/system.slice/private.service" }), "host", "a service with a mount namespace of its own");
});

test("the machine's own cgroup is no container even for a process with a mount namespace of its own", () => {
  const nested = ID.replace("3", "4");
  const containers = new Containers({ hostNamespaces: HOST, hostCgroup: `/docker/${ID}/init.scope` });
  assert.equal(containers.of(taskOf(INSIDE)), null);
  assert.equal(containers.of(taskOf({ ...INSIDE, cgroup: `/docker/${ID}/docker/${nested}` }))?.fullId, nested);
});

test("a cgroup that only looks like a container's needs both namespaces and no host process in it", () => {
  const containers = new Containers({ hostNamespaces: HOST });
  const guessed = { ...INSIDE, cgroup: "/process_api/e3fa19330c35ef4481aa52b893764baa" };
  assert.equal(containers.of(taskOf(guessed))?.id, "e3fa19330c35");
  assert.equal(containers.of(taskOf({ ...guessed, pidNamespace: HOST.pid })), null);
  containers.learnFrom([
    { task: taskOf({ ...guessed, pidNamespace: HOST.pid, mountNamespace: HOST.mount }), image: imageOf() },
  ]);
  assert.equal(containers.of(taskOf(guessed)), null);
});

function metadataOf(details: Partial<ContainerDetails> | null): ContainerMetadata & { answer: () => void } {
  let known: ContainerDetails | null | undefined;
  let answer: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return {
    get: () => known,
    request: async (ref: ContainerRef) => {
      await answered;
      known = details === null ? null : { ...HOST_DETAILS, id: ref.id, fullId: ref.fullId, type: ref.type, ...details };
      return known;
    },
    answer: () => answer(),
  };
}

test("the host shows as a container named host, without an image", () => {
  const event = new World({ containers: { hostNamespaces: HOST } }).event({
    paths: [{ raw: "/x" }],
    task: { pidNamespace: 100, mountNamespace: 200, cgroup: "/" },
  });
  assert.equal(event.containerPending, false);
  expectFields(event, {
    "container.id": "host",
    "container.name": "host",
    "container.type": "host",
    "container.image.repository": "",
    "container.privileged": false,
    "container.mount.dest[0]": null,
    "k8s.pod.name": null,
    "fd.containername": "host:/x",
  });
});

test("an alert can wait for the runtime's answer", async () => {
  const metadata = metadataOf({
    name: "web",
    image: "nginx:1.27",
    imageRepository: "nginx",
    imageTag: "1.27",
    privileged: true,
    mounts: [
      { source: "/etc", destination: "/host/etc", mode: "ro", readWrite: false, propagation: "rprivate" },
      { source: "/var/run/docker.sock", destination: "/sock", mode: "", readWrite: true, propagation: "rprivate" },
    ],
    labels: new Map([
      ["io.kubernetes.pod.name", "web-0"],
      ["io.kubernetes.pod.namespace", "shop"],
      ["b", ""],
      ["a", "1"],
    ]),
  });
  const event = new World({ containers: { hostNamespaces: HOST, metadata } }).event({ task: INSIDE });
  assert.equal(event.containerPending, true);
  expectFields(event, { "container.id": "3ad7b26ded6d", "container.name": null, "container.privileged": null });
  metadata.answer();
  await event.containerKnown();
  assert.equal(event.containerPending, false);
  expectFields(event, {
    "container.full_id": ID,
    "container.name": "web",
    "container.image.repository": "nginx",
    "container.image.tag": "1.27",
    "container.privileged": true,
    "container.mounts": "/etc:/host/etc:ro:false:rprivate,/var/run/docker.sock:/sock::true:rprivate",
    "container.mount[0]": "/etc:/host/etc:ro:false:rprivate",
    "container.mount.dest[/etc*]": "/host/etc",
    "container.mount.dest[/var/run/docker.sock]": "/sock",
    "container.mount.dest[/nope]": null,
    "container.mount.source[/sock]": "/var/run/docker.sock",
    "container.mount.rdwr[1]": "true",
    "container.label[a]": "1",
    "container.label.a": "1",
    "container.labels": "a:1, b",
    "k8s.pod.name": "web-0",
    "k8s.ns.name": "shop",
  });
});

test("a container that no runtime knows has an id and nothing else", async () => {
  const metadata = metadataOf(null);
  const event = new World({ containers: { hostNamespaces: HOST, metadata } }).event({
    task: { ...INSIDE, pidNamespaceStart: 7 },
  });
  metadata.answer();
  await event.containerKnown();
  assert.equal(event.containerPending, false);
  expectFields(event, {
    "container.id": "3ad7b26ded6d",
    "container.name": null,
    "container.image.repository": null,
    "container.start_ts": 1_000_000_000_000_000_007n,
    "k8s.ns.name": null,
  });
});

test("a runtime without a socket needs no waiting", () => {
  const event = new World({ containers: { hostNamespaces: HOST } }).event({
    task: { ...INSIDE, cgroup: "/lxc.payload.web" },
  });
  assert.equal(event.containerPending, false);
  expectFields(event, { "container.id": "web", "container.type": "lxc" });
});

test("users of a container come from its own passwd, which outlives the process that gave it", () => {
  const world = new World({
    containers: { hostNamespaces: HOST },
    accounts: {
      "/etc/passwd": "root:x:0:0::/root:/bin/sh\nhostuser:x:33:33::/:/bin/sh\n",
      "/proc/1000/root/etc/passwd": "www-data:x:33:33::/var/www:/bin/false\n",
    },
  });
  expectFields(world.event({ task: { ...INSIDE, euid: 33 } }), { "user.name": "www-data", "user.shell": "/bin/false" });
  expectFields(world.event({ task: { ...INSIDE, pid: 1001, euid: 33 } }), { "user.name": "www-data" });
  expectFields(world.event({ task: { pidNamespace: 100, mountNamespace: 200, euid: 33 } }), {
    "user.name": "hostuser",
  });
});

test("globs match as fnmatch does", () => {
  assert.equal(globMatches("/etc*", "/etc/kubernetes/x"), true);
  assert.equal(globMatches("/etc", "/etc/x"), false);
  assert.equal(globMatches("/[ab]?", "/bz"), true);
  assert.equal(globMatches("/[!ab]", "/b"), false);
  assert.equal(globMatches("/a\\*", "/a*"), true);
  assert.equal(globMatches("/a[", "/a["), true);
  assert.equal(globMatches("/a.c*", "/abc"), false);
});
