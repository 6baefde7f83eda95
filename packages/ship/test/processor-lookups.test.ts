import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compileProcessors } from "../src/processors/chain.ts";
import { getField } from "../src/processors/event.ts";
import { IDLE_CONTEXT, type ProcessorContext } from "../src/processors/processor.ts";
import { createAuthority } from "./support/certificates.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";
import { answerJson, startHttpServer, startNameServer } from "./support/small-servers.ts";

type Event = Record<string, unknown>;
const ID = "0123456789ab".padEnd(64, "c");
const OTHER = "ba9876543210".padEnd(64, "d");

/** Runs events through one compiled processor; what it runs in the background ends with the test. */
function processor(
  t: { after(act: () => void): void },
  value: unknown,
  more: Partial<ProcessorContext> = {},
): (event: Event, path?: string) => Promise<Event | null> {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const run = compileProcessors([value], { ...IDLE_CONTEXT, signal: ending.signal, ...more });
  return async (event, path = "/var/log/x.json") => run(event, { generation: "0".repeat(32), path });
}

test("containers are told by Docker's socket: listed, followed by events, asked for, and remembered when gone", async (t) => {
  const folder = temporaryFolder();
  const inspected = (id: string, name: string): Event => ({
    Id: id,
    Name: `/${name}`,
    Config: { Image: "redis:7", Labels: { "com.example.team": "blue" } },
  });
  let tellEvent: (line: string) => void = () => undefined;
  let renamed = "cache";
  const server = await startHttpServer(
    (request, response) => {
      const path = request.url ?? "";
      if (path.startsWith("/containers/json")) {
        answerJson(response, [{ Id: ID, Names: ["/cache"], Image: "redis:7", Labels: { "com.example.team": "blue" } }]);
      } else if (path.startsWith("/events")) {
        response.writeHead(200).flushHeaders();
        tellEvent = (line) => response.write(`${line}\n`);
      } else if (path.includes(OTHER.slice(0, 12))) answerJson(response, inspected(OTHER, "late"));
      else if (path.includes(ID.slice(0, 12))) answerJson(response, inspected(ID, renamed));
      else answerJson(response, { message: "No such container" }, 404);
    },
    { at: join(folder.path, "docker.sock") },
  );
  t.after(async () => {
    await server.close();
    folder[Symbol.dispose]();
  });
  const run = processor(t, { add_docker_metadata: { host: server.url } });
  const falco = await run({ output_fields: { "container.id": ID.slice(0, 12) } });
  assert.deepEqual(falco?.container, {
    id: ID,
    name: "cache",
    image: { name: "redis:7" },
    labels: { com_example_team: "blue" },
  });
  const byPath = await run({ message: "x" }, `/var/lib/docker/containers/${OTHER}/${OTHER}-json.log`);
  assert.equal(getField(byPath ?? {}, "container.name"), "late", "asked for, as no event told of it");
  assert.equal((await run({ container: { id: "ffffffffffff" } }))?.container !== undefined, true);
  const before = server.asked.length;
  await run({ container: { id: "ffffffffffff" } });
  await run({ output_fields: { "container.id": ID.slice(0, 12) } });
  assert.equal(server.asked.length, before, "what is known, and what is known not to be, isn't asked for again");
  assert.deepEqual(await run({ output_fields: { "container.id": "host" } }), {
    output_fields: { "container.id": "host" },
  });
  renamed = "cache2";
  await until(
    () => server.asked.some((line) => line.startsWith("GET /events")),
    5000,
    () => server.asked.join(),
  );
  tellEvent(JSON.stringify({ Action: "rename", Actor: { ID } }));
  await until(
    async () => getField((await run({ container: { id: ID } })) ?? {}, "container.name") === "cache2",
    5000,
    () => "the rename wasn't noticed",
  );
  tellEvent(JSON.stringify({ Action: "destroy", Actor: { ID } }));
  assert.equal(getField((await run({ container: { id: ID } })) ?? {}, "container.name"), "cache2");
});

test("without a Docker daemon events go on, and one line says so", async (t) => {
  const told: string[] = [];
  const run = processor(
    t,
    { add_docker_metadata: { host: "unix:///nowhere/docker.sock" } },
    { trouble: (_, message) => told.push(message) },
  );
  assert.deepEqual(await run({ container: { id: ID } }), { container: { id: ID } });
  assert.deepEqual(await run({ container: { id: ID } }), { container: { id: ID } });
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /unix:\/\/\/nowhere\/docker\.sock: no such file or directory/);
});

test("a real Docker daemon, where it can be started, tells of containers that come, are renamed and go", async (t) => {
  if (process.getuid?.() !== 0 || !["/usr/sbin/dockerd", "/usr/bin/dockerd"].some((file) => existsSync(file))) {
    return t.skip("needs dockerd and root");
  }
  using folder = temporaryFolder();
  const host = `unix://${folder.path}/docker.sock`;
  const paths = ["--data-root", join(folder.path, "data"), "--exec-root", join(folder.path, "exec")];
  const quiet = ["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"];
  const daemon = spawn("dockerd", [...paths, "--pidfile", join(folder.path, "pid"), "--host", host, ...quiet], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise((resolve) => daemon.once("exit", resolve));
  let log = "";
  daemon.stderr.on("data", (chunk) => (log += chunk));
  const docker = (...args: string[]): string =>
    execFileSync("docker", ["-H", host, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  const create = (name: string): string =>
    docker("create", "--name", name, "--label", "team.name=blue", "--network", "none", "empty:1", "/none");
  try {
    await until(
      () => log.includes("API listen on") || daemon.exitCode !== null,
      30_000,
      () => log,
    );
    if (daemon.exitCode !== null) return t.skip("dockerd can't run here");
    execFileSync("tar", ["cf", join(folder.path, "empty.tar"), "--files-from", "/dev/null"]);
    docker("import", join(folder.path, "empty.tar"), "empty:1");
    const first = create("first");
    const run = processor(t, { add_docker_metadata: { host } });
    const nameOf = async (id: string): Promise<unknown> =>
      getField((await run({ output_fields: { "container.id": id.slice(0, 12) } })) ?? {}, "container.name");
    const event = await run({ output_fields: { "container.id": first.slice(0, 12) } });
    assert.deepEqual(event?.container, {
      id: first,
      name: "first",
      image: { name: "empty:1" },
      labels: { team_name: "blue" },
    });
    const second = create("second");
    assert.equal(await nameOf(second), "second");
    docker("rename", "first", "renamed");
    await until(
      async () => (await nameOf(first)) === "renamed",
      10_000,
      () => "the rename wasn't noticed",
    );
    docker("rm", "second");
    assert.equal(await nameOf(second), "second", "remembered for a while");
  } finally {
    daemon.kill();
    await exited;
  }
});

test("pods are told by the API server over TLS with the account's token: listed, watched and waited for", async (t) => {
  const folder = temporaryFolder();
  const authority = createAuthority(folder.path, "authority");
  const files = authority.issue("127.0.0.1");
  const pod = (name: string, id: string, version: string): Event => ({
    metadata: {
      name,
      namespace: "shop",
      uid: `uid-${name}`,
      resourceVersion: version,
      labels: { "app.kubernetes.io/name": "web", "pod-template-hash": "5d4f8" },
      annotations: { owner: "blue", secret: "no" },
      ownerReferences: [{ kind: "ReplicaSet", name: "web-5d4f8", controller: true }],
    },
    spec: { nodeName: "node-1" },
    status: {
      podIP: "10.0.0.7",
      containerStatuses: [{ name: "nginx", image: "nginx:1.27", containerID: `containerd://${id}` }],
    },
  });
  let watching: (line: unknown) => void = () => undefined;
  const tokens = new Set<unknown>();
  const server = await startHttpServer(
    (request, response) => {
      tokens.add(request.headers.authorization);
      if (request.url?.includes("watch=1") === true) {
        response.writeHead(200).flushHeaders();
        watching = (event) => response.write(`${JSON.stringify(event)}\n`);
      } else answerJson(response, { metadata: { resourceVersion: "10" }, items: [pod("web-1", ID, "9")] });
    },
    { tls: { cert: readFileSync(files.cert), key: readFileSync(files.key) } },
  );
  t.after(async () => {
    await server.close();
    folder[Symbol.dispose]();
  });
  const tokenFile = join(folder.path, "token");
  writeFileSync(tokenFile, "abc\n");
  const settings = {
    host: "node-1",
    api_server: server.url,
    token_file: tokenFile,
    ca_file: authority.ca,
    include_annotations: ["owner"],
    wait: "5s",
  };
  const run = processor(t, { add_kubernetes_metadata: settings });
  const known = await run({ output_fields: { "container.id": ID.slice(0, 12) } });
  assert.deepEqual(known?.kubernetes, {
    namespace: "shop",
    pod: { name: "web-1", uid: "uid-web-1", ip: "10.0.0.7" },
    node: { name: "node-1" },
    container: { name: "nginx" },
    replicaset: { name: "web-5d4f8" },
    deployment: { name: "web" },
    labels: { "app_kubernetes_io/name": "web", "pod-template-hash": "5d4f8" },
    annotations: { owner: "blue" },
  });
  assert.deepEqual(known?.container, { id: ID, runtime: "containerd", image: { name: "nginx:1.27" } });
  assert.deepEqual([...tokens], ["Bearer abc"]);
  assert.match(server.asked[0] ?? "", /^GET \/api\/v1\/pods\?resourceVersion=0&fieldSelector=spec\.nodeName%3Dnode-1$/);
  const byName = await run({ output_fields: { "k8s.ns.name": "shop", "k8s.pod.name": "web-1" } });
  assert.equal(getField(byName ?? {}, "kubernetes.deployment.name"), "web");
  const byPath = await run({}, `/var/log/containers/web-1_shop_nginx-${ID}.log`);
  assert.equal(getField(byPath ?? {}, "kubernetes.container.name"), "nginx");
  await until(
    () => server.asked.some((line) => line.includes("watch=1")),
    5000,
    () => server.asked.join(),
  );
  const early = run({ output_fields: { "container.id": OTHER.slice(0, 12) } });
  watching({ type: "ADDED", object: pod("web-2", OTHER, "11") });
  assert.equal(getField((await early) ?? {}, "kubernetes.pod.name"), "web-2", "the event waited for its pod");
});

test("an API server that refuses, or whose certificate is another's, is named once and events go on", async (t) => {
  const folder = temporaryFolder();
  const authority = createAuthority(folder.path, "authority");
  const other = createAuthority(folder.path, "other");
  const files = other.issue("127.0.0.1");
  const server = await startHttpServer((_, response) => answerJson(response, { message: "forbidden" }, 403), {
    tls: { cert: readFileSync(files.cert), key: readFileSync(files.key) },
  });
  t.after(async () => {
    await server.close();
    folder[Symbol.dispose]();
  });
  for (const [ca, reason] of [
    [other.ca, /HTTP 403: .*forbidden/],
    [authority.ca, /unable to verify|self-signed|issuer/],
  ] as const) {
    const told: string[] = [];
    const settings = { api_server: server.url, ca_file: ca, token_file: join(folder.path, "none") };
    const run = processor(t, { add_kubernetes_metadata: settings }, { trouble: (_, message) => told.push(message) });
    assert.deepEqual(await run({ container: { id: ID } }), { container: { id: ID } });
    assert.match(told.join("\n"), reason);
  }
});

test("the cloud's metadata comes from the provider that answers as itself; off a cloud nothing is added", async (t) => {
  const answers: Readonly<Record<string, (headers: NodeJS.Dict<string | string[]>, path: string) => string | null>> = {
    aws: (headers, path) =>
      path === "/latest/api/token"
        ? "token"
        : path === "/latest/dynamic/instance-identity/document" && headers["x-aws-ec2-metadata-token"] === "token"
          ? JSON.stringify({
              instanceId: "i-1",
              instanceType: "m5.large",
              region: "eu-west-1",
              availabilityZone: "eu-west-1b",
              accountId: "42",
              imageId: "ami-1",
            })
          : null,
    gcp: (headers, path) =>
      path.startsWith("/computeMetadata/v1/") && headers["metadata-flavor"] === "Google"
        ? '{"instance":{"id":4567890123456789012,"name":"vm","zone":"projects/1/zones/europe-west1-b","machineType":"projects/1/machineTypes/e2-small"},"project":{"projectId":"shop"}}'
        : null,
    azure: (headers, path) =>
      path.startsWith("/metadata/instance/compute") && headers.metadata === "true"
        ? JSON.stringify({
            vmId: "vm-1",
            name: "vm",
            vmSize: "B2s",
            location: "westeurope",
            zone: "1",
            subscriptionId: "s",
          })
        : null,
    digitalocean: (_, path) =>
      path === "/metadata/v1.json" ? '{"droplet_id":7,"hostname":"drop","region":"ams3"}' : null,
    hetzner: (_, path) =>
      path === "/hetzner/v1/metadata"
        ? "instance-id: 9\nhostname: box\nregion: eu-central\navailability-zone: fsn1-dc14\n"
        : null,
  };
  const expected: Readonly<Record<string, Event>> = {
    aws: {
      "instance.id": "i-1",
      "machine.type": "m5.large",
      region: "eu-west-1",
      availability_zone: "eu-west-1b",
      "account.id": "42",
    },
    gcp: {
      "instance.id": "4567890123456789012",
      region: "europe-west1",
      availability_zone: "europe-west1-b",
      "machine.type": "e2-small",
      "project.id": "shop",
    },
    azure: { "instance.id": "vm-1", region: "westeurope", "machine.type": "B2s" },
    digitalocean: { "instance.id": "7", "instance.name": "drop", region: "ams3" },
    hetzner: { "instance.id": "9", "instance.name": "box", availability_zone: "fsn1-dc14" },
  };
  for (const [name, answer] of Object.entries(answers)) {
    const server = await startHttpServer((request, response) => {
      const body = answer(request.headers, request.url ?? "");
      response.writeHead(body === null ? 404 : 200).end(body ?? "");
    });
    const run = processor(t, { add_cloud_metadata: { endpoint: server.url, timeout: "5s" } });
    const event = (await run({})) ?? {};
    assert.equal(getField(event, "cloud.provider"), name);
    for (const [path, value] of Object.entries(expected[name] ?? {}))
      assert.equal(getField(event, `cloud.${path}`), value, `${name} ${path}`);
    const asked = server.asked.length;
    await run({});
    assert.equal(server.asked.length, asked, "asked once");
    assert.deepEqual((await run({ cloud: "mine" }))?.cloud, "mine");
    await server.close();
  }
  const silent = await startHttpServer(() => undefined);
  t.after(() => silent.close());
  const started = performance.now();
  assert.deepEqual(await processor(t, { add_cloud_metadata: { endpoint: silent.url, timeout: "200ms" } })({ a: 1 }), {
    a: 1,
  });
  assert.ok(performance.now() - started < 3000, "a silent address is waited for no longer than the timeout");
});

test("a process is described from /proc, unless it began after the event", async (t) => {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)", "with space"], { env: { MARK: "1" } });
  t.after(() => child.kill());
  await until(
    () => readFileSync(`/proc/${child.pid}/cmdline`, "latin1").includes("with space"),
    5000,
    () => "not started",
  );
  const event = { output_fields: { "proc.pid": child.pid }, time: new Date().toISOString() };
  const found = (await processor(t, { add_process_metadata: {} })(structuredClone(event))) ?? {};
  assert.equal(getField(found, "process.pid"), child.pid);
  assert.equal(getField(found, "process.parent.pid"), process.pid);
  assert.equal(getField(found, "process.executable"), process.execPath);
  assert.equal((getField(found, "process.args") as string[]).at(-1), "with space");
  assert.equal(getField(found, "process.owner.id"), String(process.getuid?.()));
  assert.ok(Math.abs(Date.parse(String(getField(found, "process.start_time"))) - Date.now()) < 60_000);
  assert.equal(getField(found, "process.env"), undefined, "an environment may hold secrets");
  const restricted = await processor(t, {
    add_process_metadata: { restricted_fields: true, include_fields: ["process.env"] },
  })(structuredClone(event));
  assert.deepEqual(restricted?.process, { env: { MARK: "1" } });
  const old = { ...structuredClone(event), time: "2020-01-01T00:00:00Z" };
  assert.equal((await processor(t, { add_process_metadata: {} })(old))?.process, undefined);
});

test("names of addresses are looked up once, added or put, and a silent name server is waited for only shortly", async (t) => {
  const server = await startNameServer({ "7.2.0.192.in-addr.arpa": "host.example.org" });
  t.after(() => server.close());
  const settings = {
    type: "reverse",
    fields: { "output_fields.fd.sip": "destination.domain", "source.ip": "source.domain" },
    nameservers: [server.address],
    tag_on_failure: ["_no_name"],
    timeout: "300ms",
  };
  const run = processor(t, { dns: settings });
  const events = Array.from({ length: 50 }, () => run({ output_fields: { "fd.sip": "192.0.2.7" } }));
  for (const event of await Promise.all(events)) {
    assert.equal(getField(event ?? {}, "destination.domain"), "host.example.org");
  }
  assert.deepEqual(server.asked, ["7.2.0.192.in-addr.arpa"], "asked once for all of them");
  assert.deepEqual((await run({ source: { ip: "192.0.2.7", domain: "known" } }))?.source, {
    ip: "192.0.2.7",
    domain: ["known", "host.example.org"],
  });
  assert.deepEqual((await run({ source: { ip: "192.0.2.8" } }))?.tags, ["_no_name"]);
  await run({ source: { ip: "192.0.2.8" } });
  assert.equal(server.asked.length, 2, "a name that isn't there is remembered too");
  assert.deepEqual(await run({ source: { ip: "no address" } }), { source: { ip: "no address" } });
  server.silent = true;
  const started = performance.now();
  assert.deepEqual((await run({ source: { ip: "192.0.2.9" } }))?.tags, ["_no_name"]);
  assert.ok(performance.now() - started < 3000);
});

test("what is known of this host is added, and the operating system by its own words", async (t) => {
  const event = (await processor(t, { add_host_metadata: { "netinfo.enabled": false } })({})) ?? {};
  assert.equal(getField(event, "host.name"), hostname());
  assert.equal(getField(event, "host.ip"), undefined);
  assert.equal(typeof getField(event, "host.os.name"), "string");
  const kept = await processor(t, { add_host_metadata: { replace_fields: false } })({ host: "mine" });
  assert.equal(kept?.host, "mine");
});
