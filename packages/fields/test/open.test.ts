import assert from "node:assert/strict";
import { test } from "node:test";
import { expectFields, print, read, World } from "./support.ts";

const O_RDONLY_CLOEXEC = 0o2000000;

test("an open shows the file, its flags and its descriptor as Falco does", () => {
  const event = new World().event({
    type: "openat",
    result: 3,
    params: { dirfd: -100, flags: O_RDONLY_CLOEXEC, mode: 0, dev: 2051, ino: 77 },
    fd: { number: 3, kind: "file", path: "/etc/shadow", device: 2051, inode: 77 },
    paths: [{ raw: "/etc/../etc//shadow", real: "/etc/shadow" }],
  });
  expectFields(event, {
    "evt.type": "openat",
    "evt.category": "file",
    "evt.dir": "<",
    "evt.res": "SUCCESS",
    "evt.rawres": 3,
    "evt.failed": false,
    "evt.is_open_read": true,
    "evt.is_open_write": false,
    "evt.is_open_exec": false,
    "evt.is_open_create": false,
    "fd.num": 3,
    "fd.type": "file",
    "fd.typechar": "f",
    "fd.name": "/etc/shadow",
    "fd.nameraw": "/etc/../etc/shadow",
    "fd.directory": "/etc",
    "fd.filename": "shadow",
    "fd.realpath": "/etc/shadow",
    "fd.l4proto": "<NA>",
    "fd.sockfamily": null,
    "fd.ip": null,
    "fd.dev.major": 8,
    "fd.dev.minor": 3,
    "fd.ino": 77,
    "fs.path.name": "/etc/shadow",
    "fs.path.nameraw": "/etc/../etc//shadow",
    "fs.path.source": null,
    "evt.arg.flags": "O_RDONLY|O_CLOEXEC",
    "evt.rawarg.flags": 4097,
    "evt.arg.name": "/etc/../etc//shadow",
    "evt.arg.dirfd": "AT_FDCWD",
    "evt.arg.fd": "<f>/etc/shadow",
    "evt.arg[0]": "<f>/etc/shadow",
    "evt.arg.newpath": null,
  });
  assert.equal(
    read(event, "evt.args"),
    "fd=3(<f>/etc/shadow) dirfd=-100(AT_FDCWD) name=/etc/../etc//shadow flags=4097(O_RDONLY|O_CLOEXEC) mode=0 dev=803 ino=77",
  );
  assert.equal(print(event, "fd.dev"), "803");
});

test("a relative name starts from the working directory or the descriptor's", () => {
  const world = new World();
  const fromCwd = world.event({
    result: 4,
    params: { dirfd: -100, flags: 0 },
    fd: { number: 4 },
    paths: [{ raw: "../etc/passwd", base: "/root" }],
  });
  expectFields(fromCwd, { "fd.name": "/etc/passwd", "evt.arg.name": "/etc/passwd", "fd.nameraw": "../etc/passwd" });
  const fromDirectory = world.event({
    result: 4,
    params: { dirfd: 7, flags: 0 },
    fd: { number: 4 },
    paths: [{ raw: "x/y", base: "/srv/data" }],
  });
  expectFields(fromDirectory, { "fd.name": "/srv/data/x/y", "evt.arg.dirfd": "<d>/srv/data" });
  const unknown = world.event({
    result: 4,
    params: { dirfd: 7, flags: 0 },
    fd: { number: 4 },
    paths: [{ raw: "x" }],
  });
  expectFields(unknown, { "fd.name": "<UNKNOWN>x", "evt.arg.name": "x" });
});

test("an open that failed has a name, an error and no descriptor", () => {
  const event = new World().event({
    result: -2,
    params: { dirfd: -100, flags: 1 },
    paths: [{ raw: "/etc/./nothing" }],
  });
  expectFields(event, {
    "evt.res": "ENOENT",
    "evt.rawres": -2,
    "evt.failed": true,
    "evt.is_open_write": true,
    "fd.num": -1,
    "fd.name": "/etc/nothing",
    "fd.directory": "/etc",
    "fd.filename": null,
    "fd.type": null,
    "fd.typechar": "f",
    "fd.connected": null,
    "evt.arg.fd": "ENOENT",
    "evt.count.error.file": 1,
    "evt.count.error.net": null,
  });
});

test("the descriptor's number is negative exactly when the open failed, whatever else is known", () => {
  const numbers = (result: number, fd: object | null): unknown => {
    const event = new World().event({
      type: "openat",
      result,
      params: { dirfd: 5, flags: 0 },
      paths: [{ raw: "x", base: "/srv" }],
      fd,
    });
    return read(event, "fd.num");
  };
  assert.equal(numbers(-2, null), -1);
  assert.equal(numbers(-2, { number: -2 }), -1);
  assert.equal(numbers(7, { number: 7 }), 7);
  assert.equal(numbers(0, null), 0);
});

test("open(2) keeps a failed absolute name as it was passed, as Falco does", () => {
  const event = new World().event({ type: "open", result: -13, params: { flags: 0 }, paths: [{ raw: "/etc/../x" }] });
  expectFields(event, { "fd.name": "/etc/../x", "evt.res": "EACCES" });
});

test("what an open creates shows in its flags", () => {
  const world = new World();
  const created = world.event({
    result: 3,
    params: { flags: 0o1101, mode: 0o755 },
    fd: { created: true },
    paths: [{ raw: "/tmp/x" }],
  });
  expectFields(created, {
    "evt.is_open_create": true,
    "evt.is_open_exec": true,
    "evt.is_open_write": true,
    "evt.is_open_read": false,
    "evt.arg.flags": "O_TRUNC|O_CREAT|O_WRONLY|O_F_CREATED",
    "evt.arg.mode": "0755",
  });
  const directory = world.event({
    result: 3,
    params: { flags: 0o200000, mode: 0o755 },
    fd: { kind: "directory" },
    paths: [{ raw: "/tmp" }],
  });
  expectFields(directory, {
    "fd.type": "directory",
    "fd.typechar": "d",
    "fd.directory": "/tmp",
    "fd.filename": null,
    "evt.is_open_create": false,
    "evt.is_open_exec": false,
  });
  const creat = world.event({ type: "creat", result: 3, params: { mode: 0o711 }, fd: {}, paths: [{ raw: "/tmp/x" }] });
  expectFields(creat, {
    "evt.is_open_exec": true,
    "evt.is_open_write": false,
    "fd.name": "/tmp/x",
    "evt.arg.mode": "0711",
  });
});

test("the same open can be seen with the kernel's path", () => {
  const event = new World().event({
    result: 3,
    params: { dirfd: -100, flags: 0 },
    fd: { number: 3, path: "/etc/shadow" },
    paths: [{ raw: "/tmp/link", real: "/etc/shadow" }],
  });
  assert.deepEqual(event.otherPaths, ["real"]);
  expectFields(event, { "fd.name": "/tmp/link", "evt.arg.name": "/tmp/link", "fs.path.name": "/tmp/link" });
  event.showPath("real");
  expectFields(event, {
    "fd.name": "/etc/shadow",
    "fd.directory": "/etc",
    "fd.filename": "shadow",
    "fd.nameraw": "/tmp/link",
    "evt.arg.name": "/etc/shadow",
    "fs.path.name": "/etc/shadow",
    "fs.path.nameraw": "/tmp/link",
    "evt.arg.fd": "<f>/etc/shadow",
  });
  event.showPath("given");
  assert.equal(read(event, "fd.name"), "/tmp/link");
});

test("no other path where the kernel agrees or does not know", () => {
  const world = new World();
  const others = (raw: string, real: string | null, alias?: string) =>
    world.event({ result: 3, fd: {}, paths: [{ raw, real, ...(alias === undefined ? {} : { alias }) }] }).otherPaths;
  assert.deepEqual(others("/etc//passwd", "/etc/passwd"), []);
  assert.deepEqual(others("/etc/passwd", null), []);
  assert.deepEqual(others("/proc/self/exe", "/usr/bin/cat"), ["real"]);
  assert.deepEqual(others("/mnt/shadow", "/mnt/shadow", "/etc/shadow"), ["alias"]);
  assert.deepEqual(others("/tmp/link", "/mnt/shadow", "/etc/shadow"), ["real", "alias"]);
  assert.deepEqual(others("/tmp/link", "/etc/shadow", "/etc/shadow"), ["real"]);
});

test("renames and links show source and target", () => {
  const world = new World();
  const rename = world.event({
    type: "renameat",
    result: 0,
    params: { olddirfd: 5, newdirfd: -100 },
    paths: [{ raw: "a", base: "/x" }, { raw: "/y/./b" }],
  });
  expectFields(rename, {
    "evt.arg.oldpath": "/x/a",
    "evt.arg.newpath": "/y/./b",
    "fs.path.source": "/x/a",
    "fs.path.target": "/y/b",
    "fs.path.targetraw": "/y/./b",
    "fs.path.name": null,
    "evt.abspath": "/x/a",
    "evt.abspath.dst": "/y/b",
    "fd.name": null,
    "evt.arg.olddirfd": "<d>/x",
  });
  const link = world.event({ type: "link", result: 0, paths: [{ raw: "/old" }, { raw: "/new" }] });
  expectFields(link, { "fs.path.source": "/new", "fs.path.target": "/old" });
  const symlink = world.event({
    type: "symlinkat",
    result: 0,
    params: { target: "../etc", linkdirfd: -100 },
    paths: [{ raw: "link", base: "/tmp/" }],
  });
  expectFields(symlink, {
    "evt.arg.target": "../etc",
    "evt.arg.linkpath": "/tmp/link",
    "fs.path.source": "/tmp/link",
    "fs.path.targetraw": "../etc",
  });
  const failed = world.event({ type: "link", result: -1, paths: [{ raw: "/old" }, { raw: "/new" }] });
  expectFields(failed, { "fs.path.source": null, "evt.arg.oldpath": "/old", "evt.res": "EPERM" });
});

test("modes print their bits, and mkdir its mode in hexadecimal", () => {
  const world = new World();
  const chmod = world.event({ type: "chmod", result: 0, params: { mode: 0o4755 }, paths: [{ raw: "/x" }] });
  assert.equal(read(chmod, "evt.arg.mode"), "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID");
  assert.equal(
    read(chmod, "evt.args"),
    "res=0 filename=/x mode=04755(S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID)",
  );
  const mkdir = world.event({ type: "mkdir", result: 0, params: { mode: 0o777 }, paths: [{ raw: "/x" }] });
  assert.equal(read(mkdir, "evt.args"), "res=0 path=/x mode=1FF");
  const fchmod = world.event({
    type: "fchmod",
    result: 0,
    params: { fd: 5, mode: 0o100 },
    fd: { number: 5, path: "/bin/x" },
  });
  expectFields(fchmod, {
    "evt.arg.mode": "S_IXUSR",
    "evt.arg.fd": "<f>/bin/x",
    "fs.path.name": "/bin/x",
    "fd.name": "/bin/x",
  });
});

test("a call on a path below a directory's descriptor is about that directory, as in Falco", () => {
  const event = new World().event({
    type: "unlinkat",
    result: 0,
    params: { dirfd: 4, flags: 0 },
    paths: [{ raw: "x", base: "/tmp/d/" }],
  });
  expectFields(event, {
    "fd.num": 4,
    "fd.name": "/tmp/d",
    "fd.type": "directory",
    "fd.typechar": "d",
    "fd.directory": "/tmp/d",
    "evt.arg.dirfd": "<d>/tmp/d",
    "evt.arg.name": "/tmp/d/x",
    "fs.path.name": "/tmp/d/x",
  });
});

test("a duplicate shows the same file under both numbers", () => {
  const event = new World().event({
    type: "dup2",
    result: 1,
    params: { oldfd: 3, newfd: 1 },
    fd: { number: 1, path: "/dev/null" },
  });
  assert.equal(read(event, "evt.args"), "res=1(<f>/dev/null) oldfd=3(<f>/dev/null) newfd=1(<f>/dev/null)");
  expectFields(event, { "fd.name": "/dev/null", "evt.category": "file", "fd.num": 1 });
});
