import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketTuple } from "@falco-efk/event";
import { DomainNames } from "@falco-efk/fields";
import { addressText } from "../src/network/address-text.ts";
import { expectFields, ip, print, read, World } from "./support.ts";

function tuple(part: Partial<SocketTuple>): SocketTuple {
  return {
    family: "ipv4",
    protocol: "tcp",
    role: "client",
    localAddress: ip("10.0.0.2"),
    localPort: 40000,
    remoteAddress: ip("93.184.216.34"),
    remotePort: 443,
    unixPath: null,
    ...part,
  };
}

const v6 = (...groups: number[]): Uint8Array => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
const mapped = (text: string): Uint8Array => Uint8Array.from([...new Array<number>(10).fill(0), 255, 255, ...ip(text)]);

test("a connection's client and server are the local and remote end of who connects", () => {
  const socket = tuple({});
  const event = new World().event({
    type: "connect",
    result: 0,
    params: { tuple: socket, fd: 5, addr: socket },
    fd: { number: 5, kind: "ipv4", tuple: socket, connected: true },
  });
  expectFields(event, {
    "fd.name": "10.0.0.2:40000->93.184.216.34:443",
    "fd.type": "ipv4",
    "fd.typechar": "4",
    "fd.cip": ip("10.0.0.2"),
    "fd.sip": ip("93.184.216.34"),
    "fd.lip": ip("10.0.0.2"),
    "fd.rip": ip("93.184.216.34"),
    "fd.cport": 40000,
    "fd.sport": 443,
    "fd.lport": 40000,
    "fd.rport": 443,
    "fd.sproto": "443",
    "fd.ip": [ip("10.0.0.2"), ip("93.184.216.34")],
    "fd.net": [ip("10.0.0.2"), ip("93.184.216.34")],
    "fd.snet": ip("93.184.216.34"),
    "fd.port": [40000, 443],
    "fd.l4proto": "tcp",
    "fd.sockfamily": "ip",
    "fd.is_server": false,
    "fd.connected": true,
    "fd.name_changed": false,
    "fd.directory": null,
    "fd.filename": null,
    "fd.nameraw": "",
    "evt.category": "net",
    "evt.arg.fd": "<4t>10.0.0.2:40000->93.184.216.34:443",
    "evt.arg.tuple": "10.0.0.2:40000->93.184.216.34:443",
    "evt.arg.addr": "93.184.216.34:443",
  });
  assert.equal(
    read(event, "evt.args"),
    "res=0 tuple=10.0.0.2:40000->93.184.216.34:443 fd=5(<4t>10.0.0.2:40000->93.184.216.34:443) addr=93.184.216.34:443",
  );
});

test("an accepted connection's client is the remote end", () => {
  const socket = tuple({ role: "server", localPort: 22, remotePort: 50000 });
  const event = new World().event({
    type: "accept4",
    result: 6,
    params: { tuple: socket, queuepct: 0, queuelen: 0, queuemax: 128, flags: 0x80000 },
    fd: { number: 6, kind: "ipv4", tuple: socket, connected: true },
  });
  expectFields(event, {
    "fd.name": "93.184.216.34:50000->10.0.0.2:22",
    "fd.cip": ip("93.184.216.34"),
    "fd.sport": 22,
    "fd.lport": 22,
    "fd.is_server": true,
    "evt.arg.tuple": "93.184.216.34:50000->10.0.0.2:22",
    "evt.arg.flags": "80000",
  });
});

test("an unknown role is guessed by who sends first, else by the lower port", () => {
  const socket = tuple({ role: "unknown", protocol: "udp", localPort: 5353, remotePort: 53 });
  const world = new World();
  const name = (type: string): unknown =>
    read(world.event({ type, result: 1, fd: { kind: "ipv4", tuple: socket } }), "fd.name");
  assert.equal(name("sendto"), "10.0.0.2:5353->93.184.216.34:53");
  assert.equal(name("recvfrom"), "93.184.216.34:53->10.0.0.2:5353");
  assert.equal(name("dup"), "10.0.0.2:5353->93.184.216.34:53");
});

test("a reply to a client keeps the client in front", () => {
  const socket = tuple({ role: "client", protocol: "udp", remotePort: 53 });
  const event = new World().event({
    type: "recvfrom",
    result: 8,
    params: { data: Buffer.from("\0\xca\xfe\xba\xbeab", "latin1"), tuple: socket },
    fd: { kind: "ipv4", tuple: socket, nameChanged: true },
  });
  expectFields(event, {
    "fd.name": "10.0.0.2:40000->93.184.216.34:53",
    "evt.arg.tuple": "93.184.216.34:53->10.0.0.2:40000",
    "fd.name_changed": true,
    "evt.buflen": 8,
    "evt.buflen.in": 8,
    "evt.buflen.out": null,
    "evt.buflen.net": 8,
    "evt.io_dir": "read",
    "evt.is_io_read": true,
    "evt.category": "net",
  });
  assert.deepEqual(Buffer.from(read(event, "evt.buffer") as Uint8Array), Buffer.from("\0\xca\xfe\xba\xbeab", "latin1"));
  assert.equal(print(event, "evt.buffer"), ".....ab");
});

test("an IPv4 address inside an IPv6 socket is an IPv4 connection", () => {
  const socket = tuple({ family: "ipv6", localAddress: mapped("10.0.0.2"), remoteAddress: mapped("1.2.3.4") });
  const event = new World().event({ type: "connect", result: 0, fd: { kind: "ipv6", tuple: socket } });
  expectFields(event, { "fd.type": "ipv4", "fd.name": "10.0.0.2:40000->1.2.3.4:443", "fd.sip": ip("1.2.3.4") });
});

test("IPv6 ends print as inet_ntop does", () => {
  const socket = tuple({
    family: "ipv6",
    localAddress: v6(0, 0, 0, 0, 0, 0, 0, 1),
    remoteAddress: v6(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1),
  });
  const event = new World().event({ type: "connect", result: 0, fd: { kind: "ipv6", tuple: socket } });
  expectFields(event, { "fd.typechar": "6", "fd.name": "::1:40000->2001:db8::1:0:0:1:443" });
  assert.equal(addressText(v6(0, 0, 0, 0, 0, 0, 0, 0)), "::");
  assert.equal(addressText(v6(1, 0, 3, 4, 5, 6, 7, 8)), "1:0:3:4:5:6:7:8");
  assert.equal(addressText(v6(0xfe80, 0, 0, 0, 0, 0, 0, 0)), "fe80::");
});

test("a listening socket has a server end alone, a fresh one neither", () => {
  const world = new World();
  const bound = tuple({
    role: "unknown",
    remoteAddress: null,
    remotePort: 0,
    localPort: 8080,
    localAddress: ip("0.0.0.0"),
  });
  const listen = world.event({
    type: "listen",
    result: 0,
    params: { fd: 3, backlog: 128 },
    fd: { kind: "ipv4", tuple: bound },
  });
  expectFields(listen, {
    "fd.name": "0.0.0.0:8080",
    "fd.sport": 8080,
    "fd.cport": null,
    "fd.cip": null,
    "fd.sip": ip("0.0.0.0"),
    "fd.port": [8080],
    "fd.is_server": true,
    "evt.arg.fd": "<4t>0.0.0.0:8080",
  });
  const fresh = world.event({
    type: "socket",
    result: 3,
    params: { domain: 2, type: 0o2004001, proto: 0, flags: 0o2004001 },
    fd: {
      kind: "ipv4",
      tuple: tuple({ role: "unknown", localAddress: null, localPort: 0, remoteAddress: null, remotePort: 0 }),
    },
  });
  expectFields(fresh, {
    "fd.name": "",
    "fd.sip": null,
    "fd.ip": [ip("0.0.0.0"), ip("0.0.0.0")],
    "evt.arg.domain": "AF_INET",
    "evt.arg.flags": "O_NONBLOCK|O_CLOEXEC",
    "evt.rawarg.flags": 4160,
    "evt.arg[4]": "O_NONBLOCK|O_CLOEXEC",
  });
});

test("a unix socket is named by its path", () => {
  const socket = tuple({ family: "unix", unixPath: "/var/run/docker.sock", localAddress: null, remoteAddress: null });
  const event = new World().event({ type: "connect", result: 0, fd: { number: 9, kind: "unix", tuple: socket } });
  expectFields(event, {
    "fd.name": "0->0 /var/run/docker.sock",
    "fd.typechar": "u",
    "fd.sockfamily": "unix",
    "fd.l4proto": "<NA>",
    "fd.sip": null,
    "fd.ip": null,
  });
});

test("a call that starts from the working directory has no descriptor of its own", () => {
  const event = new World().event({
    type: "unlinkat",
    result: 0,
    params: { dirfd: -100, flags: 0x200 },
    paths: [{ raw: "/x" }],
  });
  expectFields(event, { "fd.name": "", "fd.num": -100, "fd.type": null, "evt.arg.flags": "AT_REMOVEDIR" });
});

test("names that rules compare are resolved ahead and found by address", async () => {
  let asked = 0;
  const domains = new DomainNames({
    resolve: async (name) => {
      asked++;
      if (name === "bad.example") throw new Error("ENOTFOUND");
      return name === "six.example" ? ["2001:db8::5"] : ["93.184.216.34", "1.1.1.1"];
    },
    now: () => 0,
  });
  await domains.watch(["www.example", "six.example", "bad.example"]);
  await domains.watch(["www.example"]);
  assert.equal(asked, 3);
  const socket = tuple({});
  const event = new World({ domains }).event({ type: "connect", result: 0, fd: { kind: "ipv4", tuple: socket } });
  expectFields(event, { "fd.sip.name": ["www.example"], "fd.cip.name": null, "fd.rip.name": ["www.example"] });
  assert.equal(print(event, "fd.sip.name"), "www.example");
  assert.deepEqual(domains.namesOf(v6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 5)), ["six.example"]);
});

test("a name is asked for again when its answer is old, and keeps its answers if that fails", async () => {
  let now = 0;
  let answer: readonly string[] | null = ["1.1.1.1"];
  const domains = new DomainNames({
    resolve: async () => {
      if (answer === null) throw new Error("SERVFAIL");
      return answer;
    },
    now: () => now,
    refreshAfter: 10,
  });
  await domains.watch(["a.example"]);
  answer = null;
  now = 20;
  assert.deepEqual(domains.namesOf(ip("1.1.1.1")), ["a.example"]);
  await domains.watch(["a.example"]);
  assert.deepEqual(domains.namesOf(ip("1.1.1.1")), ["a.example"]);
  answer = ["2.2.2.2"];
  now = 40;
  domains.namesOf(ip("1.1.1.1"));
  await domains.watch(["a.example"]);
  assert.deepEqual(domains.namesOf(ip("2.2.2.2")), ["a.example"]);
});
