import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { observe, type Seen, typeIds } from "./live.ts";

const folder = mkdtempSync(join(tmpdir(), "probe-connect-"));
after(() => rmSync(folder, { recursive: true }));

const CALLS = typeIds("connect", "accept", "accept4");

async function listening(at: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer((socket) => socket.end());
  server.listen(at);
  await once(server, "listening");
  return server;
}

async function connected(to: { port: number; host: string } | { path: string }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  connect(to)
    .on("error", () => {})
    .on("close", () => resolve())
    .resume();
  await promise;
}

async function seen(act: () => Promise<void>): Promise<Seen[]> {
  const { events } = await observe({ types: CALLS }, act, (record) => record.task.pid === process.pid);
  return events;
}

for (const [host, family, bytes] of [
  ["127.0.0.1", "ipv4", [127, 0, 0, 1]],
  ["::1", "ipv6", [...new Array(15).fill(0), 1]],
] as const) {
  test(`a connection on ${host} is seen from both ends`, async () => {
    const server = await listening({ port: 0, host });
    const { port } = server.address() as AddressInfo;
    const events = await seen(() => connected({ port, host }));
    server.close();
    const client = events.find((event) => event.name === "connect" && event.fd?.tuple?.remotePort === port);
    const accepted = events.find((event) => event.name.startsWith("accept") && event.fd?.tuple?.localPort === port);
    assert.equal(client?.fd?.kind, family);
    assert.equal(client?.fd?.tuple?.protocol, "tcp");
    assert.equal(client?.fd?.tuple?.role, "client");
    assert.deepEqual([...(client?.fd?.tuple?.remoteAddress ?? [])], bytes);
    assert.equal(client?.params["res"], -115, "a non-blocking connect is under way");
    assert.equal(accepted?.fd?.tuple?.role, "server");
    assert.equal(accepted?.fd?.connected, true);
    assert.deepEqual([...(accepted?.fd?.tuple?.localAddress ?? [])], bytes);
    assert.equal(accepted?.fd?.tuple?.remotePort, client?.fd?.tuple?.localPort);
    assert.ok(Number(accepted?.params["queuemax"]) > 0);
  });
}

test("a refused unix connection is seen with the address that the caller passed", async () => {
  const path = join(folder, "nobody.sock");
  const events = await seen(() => connected({ path }));
  const event = events.find((candidate) => candidate.name === "connect" && candidate.fd?.tuple?.unixPath === path);
  assert.equal(event?.params["res"], -2);
  assert.equal(event?.fd?.kind, "unix");
});

test("a unix connection is seen from both ends", async () => {
  const path = join(folder, "server.sock");
  const server = await listening({ path });
  const events = await seen(() => connected({ path }));
  server.close();
  const names = events.filter((event) => event.fd?.tuple?.unixPath === path).map((event) => event.name);
  assert.ok(names.includes("connect") && names.some((name) => name.startsWith("accept")), names.join());
});
