import assert from "node:assert/strict";
import { test } from "node:test";
import {
  capabilityText,
  EVENT_TYPES,
  errnoName,
  FLAG_TABLES,
  falcoFlags,
  flagText,
  recordOf,
  signalName,
} from "@falco-efk/event";

test("open flags of the kernel become Falco's numbers and names", () => {
  assert.equal(falcoFlags("open", 0), 1);
  assert.equal(flagText("open", falcoFlags("open", 0)), "O_RDONLY");
  assert.equal(flagText("open", falcoFlags("open", 0o2000000)), "O_RDONLY|O_CLOEXEC");
  assert.equal(flagText("open", falcoFlags("open", 0o1101)), "O_TRUNC|O_CREAT|O_WRONLY");
  assert.equal(flagText("open", falcoFlags("open", 2)), "O_RDWR");
  assert.equal(flagText("open", falcoFlags("open", 0o1101) | (1 << 14)), "O_TRUNC|O_CREAT|O_WRONLY|O_F_CREATED");
});

test("an enumeration value prints all its names, an unknown one none", () => {
  assert.equal(flagText("socket_family", 1), "AF_LOCAL|AF_UNIX");
  assert.equal(flagText("socket_family", 17), "AF_PACKET");
  assert.equal(flagText("socket_family", 200), "");
  assert.equal(flagText("bpf", 10), "BPF_PROG_TEST_RUN|BPF_PROG_RUN");
  assert.equal(flagText("ptrace", falcoFlags("ptrace", 0)), "PTRACE_TRACEME");
  assert.equal(flagText("ptrace", falcoFlags("ptrace", 16)), "PTRACE_ATTACH");
  assert.equal(flagText("ptrace", falcoFlags("ptrace", 12345)), "PTRACE_UNKNOWN");
});

test("clone and resolve flags are renumbered as Falco numbers them", () => {
  assert.equal(flagText("clone", falcoFlags("clone", 0x10000000)), "CLONE_NEWUSER");
  assert.equal(falcoFlags("clone", 0x10000000), 1 << 20);
  assert.equal(flagText("clone", falcoFlags("clone", 0x80000000)), "CLONE_IO");
  assert.equal(flagText("resolve", falcoFlags("resolve", 1)), "RESOLVE_NO_XDEV");
});

test("a socket's flags are the bits of its type that it knows, and none has a name as well", () => {
  assert.equal(flagText("socket", falcoFlags("socket", 1)), "O_NONE");
  assert.equal(flagText("socket", falcoFlags("socket", 0o2000003)), "O_CLOEXEC");
});

test("every table that an event type names exists", () => {
  const named = EVENT_TYPES.flatMap((type) => type.params.flatMap((param) => (param.table ? [param.table] : [])));
  assert.ok(named.length > 10);
  for (const table of named) assert.ok(FLAG_TABLES[table], table);
});

test("errors, signals and capabilities have their names", () => {
  assert.equal(errnoName(-2), "ENOENT");
  assert.equal(errnoName(13), "EACCES");
  assert.equal(errnoName(-115), "EINPROGRESS");
  assert.equal(errnoName(-512), "ERESTARTSYS");
  assert.equal(errnoName(-4000), "");
  assert.equal(signalName(15), "SIGTERM");
  assert.equal(signalName(31), "SIGSYS");
  assert.equal(signalName(0), null);
  assert.equal(signalName(64), null);
  assert.equal(capabilityText(0n), "");
  assert.equal(capabilityText(0b101n), "CAP_CHOWN CAP_DAC_READ_SEARCH");
  assert.ok(capabilityText((1n << 41n) - 1n).endsWith("CAP_CHECKPOINT_RESTORE"));
});

test("a record made for tests gives parameters by position and the result first", () => {
  const record = recordOf({ type: "openat", result: -2, params: { name: "x", flags: 0 } });
  assert.equal(EVENT_TYPES[record.type]?.name, "openat");
  assert.equal(record.param(0), -2);
  assert.equal(record.param(2), "x");
  assert.equal(record.param(5), null);
  assert.equal(record.fd, null);
  assert.throws(() => recordOf({ type: "opne" }), /no event type "opne"/);
});
