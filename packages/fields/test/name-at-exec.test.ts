import assert from "node:assert/strict";
import { test } from "node:test";
import { imageOf } from "@falco-efk/event";
import { nameAtExec } from "../src/processes/name-at-exec.ts";

const nameOf = (comm: string, exePath: string, exe: string, ...args: string[]): string =>
  nameAtExec(imageOf({ comm, exePath, exe, args }));

test("a name that the executed file gives is kept: the program, a link to it, or a script", () => {
  assert.equal(nameOf("node", "/usr/bin/node", "node", "server.js"), "node");
  assert.equal(nameOf("sh", "/bin/busybox", "sh"), "sh");
  assert.equal(nameOf("backup.pl", "/usr/bin/perl", "/usr/bin/perl", "-w", "/opt/backup.pl"), "backup.pl");
  assert.equal(
    nameOf("unattended-upgr", "/usr/bin/python3.11", "python3", "/usr/bin/unattended-upgrade"),
    "unattended-upgr",
  );
});

test("a name that a process gave itself gives way to its program's, cut as the kernel cuts it", () => {
  assert.equal(nameOf("MainThread", "/opt/node/bin/node", "node", "server.js"), "node");
  assert.equal(nameOf("worker", "/usr/sbin/a-very-long-program-name", "x"), "a-very-long-pro");
  assert.equal(nameOf("MainThread", "/opt/node (deleted)", "node"), "node");
});

test("a kernel thread keeps its name: it has no program", () => {
  assert.equal(nameOf("kworker/0:1", "", ""), "kworker/0:1");
});
