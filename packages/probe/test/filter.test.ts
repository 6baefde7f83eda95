import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { KernelFilter, PathPattern, PushdownClause } from "@falco-efk/event";
import fc from "fast-check";
import { FrameFilter } from "../src/frame-filter.ts";
import { FrameView, openProbe, VARIANTS } from "../src/index.ts";
import { accepts, classesOf, lexicalPath } from "./accepts.ts";
import { typeIds } from "./live.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "probe-filter-")));
after(() => rmSync(root, { recursive: true }));
const [OPENAT = -1] = typeIds("openat");
const long = "l".repeat(200);

mkdirSync(join(root, "a/.b/c"), { recursive: true });
mkdirSync(join(root, "a.."));
mkdirSync(join(root, long, long), { recursive: true });
for (const file of ["a/x", "a../x", "a/.b/x.key", "a/.b/c/passwd", "xx", `${long}/${long}/end.key`])
  writeFileSync(join(root, file), "");
symlinkSync(join(root, "a/.b/c/passwd"), join(root, "link"));
symlinkSync("a", join(root, "dir"));

const PLAIN = [
  "a/x",
  "a/.b/x.key",
  "a/.b/c/passwd",
  "xx",
  "link",
  "dir/x",
  "dir/.b/c/passwd",
  "missing",
  "a/missing.key",
  "a/x/below",
  `${long}/${long}/end.key`,
  "a/...",
  "a../x",
  "missing..key",
];
const UNTIDY = ["a//x", "./xx", "a/./x", "a/../xx", "dir/../xx", "a/.b/../x", "..", "a/", ".", "a/.b/..", "../missing"];
const FLAGS = [constants.O_RDONLY, constants.O_RDWR, constants.O_WRONLY | constants.O_TRUNC];

const texts = fc.oneof(
  fc.constantFrom(
    ...PLAIN.map((name) => join(root, name)),
    ...["a", "a/.b", "dir", ""].map((name) => join(root, name)),
  ),
  fc.constantFrom(...PLAIN).map((name) => name.slice(-7)),
  fc.constantFrom("/", "", "x", ".key", "passwd", "/etc", root.slice(0, 7), `${long.slice(0, 70)}/end.key`, "d"),
);
const patterns: fc.Arbitrary<PathPattern> = fc.record({
  kind: fc.constantFrom("exact", "directory", "prefix", "suffix", "contains"),
  text: texts,
});
const clauses: fc.Arbitrary<PushdownClause> = fc.record({
  requires: fc.uniqueArray(fc.constantFrom("read", "write", "create", "truncate", "succeeded", "failed", "dotdot"), {
    maxLength: 2,
  }),
  paths: fc.option(fc.array(patterns, { minLength: 1, maxLength: 12 }), { freq: 8 }),
});

async function deadline(milliseconds: number, what: string): Promise<never> {
  await setTimeout(milliseconds, undefined, { ref: false });
  throw new Error(`${what} was not seen`);
}

interface Attempt {
  readonly raw: string;
  readonly flags: number;
  readonly expected: boolean;
  readonly exact: boolean;
}

/** Opens every name in every way, absolute and relative; `expected` by the filter's definition. */
function attempt(filter: KernelFilter): Attempt[] {
  const attempts: Attempt[] = [];
  const cwd = process.cwd();
  process.chdir(root);
  for (const name of [...PLAIN, ...UNTIDY]) {
    for (const raw of [name, `${root}/${name}`]) {
      for (const flags of FLAGS) {
        let real: string | null = null;
        try {
          const fd = openSync(raw, flags);
          real = realpathSync(raw);
          closeSync(fd);
        } catch {
          // A failed open is an event as well.
        }
        const facts = {
          type: OPENAT,
          classes: classesOf(flags, real !== null, raw),
          paths: [lexicalPath(root, raw), ...(real === null ? [] : [real])],
        };
        attempts.push({ raw, flags, expected: accepts(filter, facts), exact: PLAIN.includes(name) });
      }
    }
  }
  process.chdir(cwd);
  return attempts;
}

for (const variant of VARIANTS) {
  test(`the kernel passes what the filter accepts, and of tidy names nothing else: build ${variant}`, async () => {
    const probe = await openProbe({ types: [OPENAT], variant });
    const stop = new AbortController();
    const passed = new Set<string>();
    /** Of those, what passes the same filter asked of the frame. */
    const sifted = new Set<string>();
    let sieve = new FrameFilter({ types: new Map() }, null);
    let mark = "";
    let reached = Promise.withResolvers<void>();
    const running = probe.run(
      (record) => {
        if (record.task.pid !== process.pid) return;
        const raw = record.paths[0]?.raw ?? "";
        if (raw === mark) reached.resolve();
        const key = `${Number(record.param(3)) & 0o1003} ${raw}`;
        passed.add(key);
        if (record instanceof FrameView && sieve.passes(record)) sifted.add(key);
      },
      { signal: stop.signal },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(clauses, { minLength: 1, maxLength: 6 }), async (chosen) => {
        mark = join(root, `mark-${round++}`);
        reached = Promise.withResolvers<void>();
        passed.clear();
        sifted.clear();
        const marking: PushdownClause = { requires: [], paths: [{ kind: "exact", text: mark }] };
        const filter: KernelFilter = {
          types: new Map([[OPENAT, { kind: "clauses", clauses: [...chosen, marking] }]]),
        };
        probe.setFilter(filter);
        sieve = new FrameFilter(filter, null);
        const texts = chosen.some(({ paths }) => paths?.some(({ kind }) => kind === "contains"));
        const attempts = attempt(filter);
        assert.throws(() => openSync(mark, "r"));
        await Promise.race([reached.promise, deadline(10_000, mark)]);
        for (const { raw, flags, expected, exact } of attempts) {
          const key = `${flags & 0o1003} ${raw}`;
          const seen = passed.has(key);
          if (expected) assert.ok(seen && sifted.has(key), `missed ${flags} ${raw}`);
          if (exact) assert.equal(sifted.has(key), expected, `sifted ${flags} ${raw}`);
          if (exact && seen && !texts) assert.ok(expected || raw.includes(long), `passed ${flags} ${raw} for nothing`);
        }
      }),
      { numRuns: 40 },
    );
    stop.abort();
    await running;
    const { byType } = probe.counters();
    assert.ok((byType["openat"]?.passed ?? 0) < (byType["openat"]?.seen ?? 0));
    await probe.close();
  });
}

test("a type that the filter leaves out passes, and one without clauses passes nothing", async () => {
  const probe = await openProbe({
    types: typeIds("openat", "open"),
    filter: { types: new Map([[OPENAT, { kind: "clauses", clauses: [] }]]) },
  });
  closeSync(openSync(root, "r"));
  const { byType } = probe.counters();
  await probe.close();
  assert.equal(byType["openat"]?.passed, 0);
  assert.ok((byType["openat"]?.seen ?? 0) >= 1);
});

test("what lies deeper does not pass a filter for the root's own entries, unless another pattern asks for it", async () => {
  const names = ["/etc/hostname", "/proc/self/maps", "/", "/etc", "/missing-in-root", "/usr/bin/env"];
  const clause = (...paths: PathPattern[]): PushdownClause => ({ requires: [], paths });
  const clauses = [clause({ kind: "child", text: "/" }), clause({ kind: "prefix", text: "/usr/" })];
  const probe = await openProbe({
    types: [OPENAT],
    filter: { types: new Map([[OPENAT, { kind: "clauses", clauses }]]) },
  });
  const stop = new AbortController();
  const passed: string[] = [];
  const last = Promise.withResolvers<void>();
  const running = probe.run(
    (record) => {
      const raw = record.paths[0]?.raw ?? "";
      if (record.task.pid !== process.pid || !names.includes(raw)) return;
      passed.push(raw);
      if (raw === names.at(-1)) last.resolve();
    },
    { signal: stop.signal },
  );
  for (const name of names) {
    try {
      closeSync(openSync(name, "r"));
    } catch {
      // The missing one's open fails, and is an event as well.
    }
  }
  await Promise.race([last.promise, deadline(10_000, "the last open")]);
  stop.abort();
  await running;
  await probe.close();
  assert.deepEqual(passed, ["/", "/etc", "/missing-in-root", "/usr/bin/env"]);
});

test("calls on names pass by their path, absolute or relative, and one with two names by either", async () => {
  const folder = join(root, "calls");
  mkdirSync(join(folder, "in"), { recursive: true });
  const clauses: PushdownClause[] = [
    { requires: ["succeeded"], paths: [{ kind: "prefix", text: join(folder, "in/") }] },
    { requires: [], paths: [{ kind: "exact", text: join(folder, "last") }] },
  ];
  const types = typeIds("mkdir", "rmdir", "unlink", "rename");
  const filter: KernelFilter = { types: new Map(types.map((type) => [type, { kind: "clauses", clauses }])) };
  const probe = await openProbe({ types, filter });
  const sieve = new FrameFilter(filter, null);
  const stop = new AbortController();
  const passed: string[] = [];
  const last = Promise.withResolvers<void>();
  const running = probe.run(
    (record) => {
      if (record.task.pid !== process.pid) return;
      const raw = record.paths.map((path) => path.raw).join(" ");
      assert.ok(record instanceof FrameView && sieve.passes(record), raw);
      if (raw === join(folder, "last")) last.resolve();
      else passed.push(raw);
    },
    { signal: stop.signal },
  );
  const cwd = process.cwd();
  process.chdir(folder);
  for (const name of ["in/a", "out", join(folder, "in/b"), join(folder, "other"), "in/../in/c"]) mkdirSync(name);
  for (const [from, to] of [
    ["in/a", "a"],
    ["out", "in/out"],
    ["other", "another"],
  ] as const)
    renameSync(from, to);
  writeFileSync("in/file", "");
  unlinkSync("in/file");
  assert.throws(() => rmdirSync("in/missing"));
  rmdirSync(join(folder, "in/b/"));
  mkdirSync(join(folder, "last"));
  process.chdir(cwd);
  await Promise.race([last.promise, deadline(10_000, "the last call")]);
  stop.abort();
  await running;
  await probe.close();
  assert.deepEqual(passed, [
    "in/a",
    join(folder, "in/b"),
    "in/../in/c",
    "in/a a",
    "out in/out",
    "in/file",
    join(folder, "in/b/"),
  ]);
});

for (const variant of VARIANTS) {
  test(`who is in a namespace of its own is told from the host, and everyone passes while the host is unknown: build ${variant}`, async () => {
    const namespaces = { pid: inode("pid"), mount: inode("mnt") };
    const contained: PushdownClause = { requires: ["contained"], paths: null };
    const probe = await openProbe({
      types: [OPENAT],
      variant,
      filter: { types: new Map([[OPENAT, { kind: "clauses", clauses: [contained] }]]) },
    });
    const stop = new AbortController();
    const names = new Set<string>();
    const running = probe.run((record) => names.add(record.paths[0]?.raw ?? ""), { signal: stop.signal });
    const open = (name: string, ...within: string[]): void => {
      const [program = "", ...rest] = [...within, "cat", join(root, name)];
      assert.throws(() => execFileSync(program, rest, { stdio: "ignore" }));
    };
    try {
      open("while-unknown");
      probe.sift(null, namespaces);
      open("of-the-host");
      open("in-a-mount-namespace", "unshare", "--mount");
      open("in-a-pid-namespace", "unshare", "--pid", "--fork");
      probe.sift(null, null);
      open("unknown-again");
    } finally {
      stop.abort();
      await running;
      await probe.close();
    }
    const mine = [...names].filter((name) => name.startsWith(root)).map((name) => basename(name));
    assert.deepEqual(mine, ["while-unknown", "in-a-mount-namespace", "in-a-pid-namespace", "unknown-again"]);
  });
}

/** The inode of one of this process's namespaces. */
function inode(kind: "pid" | "mnt"): number {
  return Number(/\d+/.exec(readlinkSync(`/proc/self/ns/${kind}`))?.[0]);
}
