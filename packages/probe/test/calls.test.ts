import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { EVENT_TYPES } from "@falco-efk/event";
import { VARIANTS } from "../src/index.ts";
import { observe, run, type Seen } from "./live.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "probe-calls-")));
after(() => rmSync(folder, { recursive: true }));
const program = join(folder, "calls");
execFileSync("cc", ["-O1", "-Wall", "-o", program, join(import.meta.dirname, "calls.c")]);

const AT_FDCWD = -100;
/** A kernel that was built without the call has no tracepoint for it. */
const ENOSYS = -38;
const named = (raw: string, real: string | null = null) => ({ raw, base: folder, real });
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const file = join(folder, "file");

/** What each call must say: parameters, names, and what its descriptor is. A function judges the value. */
interface Expected {
  readonly params: Readonly<Record<string, unknown>>;
  readonly paths?: readonly unknown[];
  readonly fd?: { readonly kind?: string; readonly path?: string | null };
}
const isFd = (value: unknown): boolean => Number(value) > 2;
const isUdp = (value: unknown): boolean => (value as { protocol?: string } | null)?.protocol === "udp";
const toServer = (value: unknown): boolean =>
  isUdp(value) && (value as { remoteAddress: Uint8Array }).remoteAddress.join(".") === "127.0.0.1";

const EXPECTED: Readonly<Record<string, Expected>> = {
  open: {
    params: { name: "file", flags: 2, mode: 0, fd: isFd },
    paths: [named("file", file)],
    fd: { kind: "file", path: file },
  },
  openat: {
    params: { name: "file", flags: 0, dirfd: isFd },
    paths: [named("file", file)],
    fd: { kind: "file", path: file },
  },
  openat2: {
    params: { name: "made", flags: 0o102, mode: 0o600, resolve: 8 },
    paths: [named("made", join(folder, "made"))],
    fd: { kind: "file", path: join(folder, "made") },
  },
  creat: { params: { name: "created", mode: 0o600 }, paths: [named("created", join(folder, "created"))] },
  listen: { params: { res: 0, fd: isFd, backlog: 7 }, fd: { kind: "ipv4" } },
  sendto: { params: { res: 11, data: bytes("hello world"), size: 11, tuple: toServer }, fd: { kind: "ipv4" } },
  sendmsg: { params: { res: 11, data: bytes("hello "), size: 11, tuple: toServer }, fd: { kind: "ipv4" } },
  recvfrom: { params: { res: 4, data: bytes("ping"), size: 64, tuple: toServer }, fd: { kind: "ipv4" } },
  recvmsg: { params: { res: 4, data: bytes("ping"), size: 64, tuple: toServer }, fd: { kind: "ipv4" } },
  socket: { params: { fd: isFd, domain: 10, type: 2, proto: 17 }, fd: { kind: "ipv6" } },
  dup: { params: { res: isFd, oldfd: isFd }, fd: { kind: "file", path: file } },
  dup2: { params: { res: 60, oldfd: isFd, newfd: 60 }, fd: { kind: "ipv4" } },
  dup3: { params: { res: 61, newfd: 61, flags: 0o2000000 }, fd: { kind: "file", path: file } },
  symlink: { params: { res: 0, target: "the target", linkpath: "a-symlink" }, paths: [named("a-symlink")] },
  symlinkat: { params: { target: "the target", linkdirfd: isFd }, paths: [named("another-symlink")] },
  link: { params: { oldpath: "file", newpath: "a-link" }, paths: [named("file"), named("a-link")] },
  linkat: {
    params: { olddir: isFd, oldpath: "file", newdir: AT_FDCWD, newpath: "another-link", flags: 0 },
    paths: [named("file"), named("another-link")],
  },
  unlink: { params: { res: -2, path: "missing" }, paths: [named("missing")] },
  unlinkat: { params: { res: -2, dirfd: isFd, name: "missing", flags: 0x200 }, paths: [named("missing")] },
  rmdir: { params: { res: -2, path: "missing" }, paths: [named("missing")] },
  rename: { params: { res: -2, oldpath: "missing", newpath: "other" }, paths: [named("missing"), named("other")] },
  renameat: { params: { res: -2, olddirfd: isFd, newdirfd: AT_FDCWD }, paths: [named("missing"), named("other")] },
  renameat2: { params: { res: -2, flags: 1, newdirfd: isFd }, paths: [named("missing"), named("other")] },
  mkdir: { params: { res: 0, path: "a-directory", mode: 0o700 }, paths: [named("a-directory")] },
  mkdirat: { params: { res: 0, dirfd: isFd, mode: 0o711 }, paths: [named("another-directory")] },
  chmod: { params: { res: 0, filename: "file", mode: 0o755 }, paths: [named("file")] },
  fchmod: { params: { res: 0, fd: isFd, mode: 0o4755 }, fd: { kind: "file", path: file } },
  fchmodat: { params: { res: 0, dirfd: isFd, filename: "file", mode: 0o600 }, paths: [named("file")] },
  setuid: { params: { res: 0, uid: process.getuid?.() } },
  setns: { params: { res: -22, fd: isFd, nstype: 0x20000 }, fd: { kind: "file", path: file } },
  unshare: { params: { res: 0, flags: 0 } },
  ptrace: { params: { res: -3, request: 16, pid: 999999, addr: 0x1234, data: 0x5678 } },
  bpf: { params: { fd: -22, cmd: 999 } },
  init_module: { params: { img: bytes("not a module"), length: 12, uargs: "some=argument" } },
  finit_module: { params: { fd: isFd, uargs: "some=argument", flags: 3 }, fd: { kind: "file", path: file } },
  userfaultfd: { params: { flags: 0o2000001 } },
};

function judge(event: Seen, expected: Expected): void {
  for (const [name, value] of Object.entries(expected.params)) {
    const actual = event.params[name];
    if (typeof value === "function") assert.ok(value(actual), `${event.name}.${name}`);
    else assert.deepEqual(actual, value, `${event.name}.${name}`);
  }
  if (expected.paths) assert.deepEqual(event.paths, expected.paths, event.name);
  if (expected.fd?.kind) assert.equal(event.fd?.kind, expected.fd.kind, `${event.name}: kind of the descriptor`);
  if (expected.fd?.path) assert.equal(event.fd?.path, expected.fd.path, `${event.name}: path of the descriptor`);
}

for (const variant of VARIANTS) {
  for (const attach of ["tracepoint", "raw"] as const) {
    test(`every call is seen with its parameters: build ${variant}, attached by ${attach}`, {
      timeout: 60_000,
    }, async () => {
      const outcomes = new Map<number, { call: string; result: number }>();
      const { events, counters } = await observe(
        { types: EVENT_TYPES.map(({ id }) => id), variant, attach },
        async () => {
          for (const call of Object.keys(EXPECTED)) {
            for (const left of [
              "a-symlink",
              "another-symlink",
              "a-link",
              "another-link",
              "a-directory",
              "another-directory",
            ]) {
              rmSync(join(folder, left), { recursive: true, force: true });
            }
            const { pid, out } = await run(program, [call, folder]);
            outcomes.set(pid, { call, result: Number(out) });
          }
        },
        (record) => record.task.comm === "calls",
      );
      for (const [pid, { call, result }] of outcomes) {
        // The last one: the program makes some of the same calls beforehand.
        const event = events.findLast((seen) => seen.task.pid === pid && seen.name === call);
        if (result === ENOSYS && attach === "tracepoint") continue;
        assert.ok(event, `${call} was not seen`);
        assert.equal(event.result, result, `${call}: result`);
        judge(event, EXPECTED[call] as Expected);
      }
      const dropped = Object.values(counters.dropped).reduce((sum, count) => sum + count, 0);
      assert.equal(counters.produced, counters.delivered + dropped);
      assert.equal(statSync(file).mode & 0o777, 0o600);
    });
  }
}
