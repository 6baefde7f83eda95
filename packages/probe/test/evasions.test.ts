import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { KernelFilter, PathArgument } from "@falco-efk/event";
import { describeProbe, kernelFacts, VARIANTS } from "../src/index.ts";
import { observe, run, type Seen, typeIds } from "./live.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "probe-evasions-")));
after(() => rmSync(folder, { recursive: true }));
const program = join(folder, "evasions");
execFileSync("cc", ["-O1", "-Wall", "-o", program, join(import.meta.dirname, "evasions.c")]);

const kept = join(folder, "kept");
const place = join(folder, "place");
for (const made of [kept, place]) mkdirSync(made);
const secret = join(kept, "secret");
const link = join(folder, "link");
const twin = join(folder, "twin");
writeFileSync(secret, "");
symlinkSync(secret, link);
linkSync(secret, twin);

const OPENS = typeIds("open", "openat", "openat2");
const filter: KernelFilter = {
  types: new Map(
    OPENS.map((type) => [
      type,
      {
        kind: "clauses",
        clauses: [{ requires: ["read", "succeeded"], paths: [{ kind: "exact", text: secret }] }],
      },
    ]),
  ),
};
const facts = kernelFacts();
const uring = facts.ioUring && existsSync("/proc/sys/kernel/io_uring_disabled");

interface Way {
  readonly way: string;
  /** The path that the program is given; the secret's own when absent. */
  readonly path?: string;
  readonly mark?: "ioUring" | "compat";
  readonly possible?: boolean;
  readonly seen: Partial<PathArgument>;
}

const WAYS: readonly Way[] = [
  { way: "plain", seen: { raw: secret } },
  { way: "openat2", seen: { raw: secret } },
  { way: "dirfd", seen: { raw: "secret", base: kept } },
  { way: "relative", seen: { raw: "secret", base: kept } },
  { way: "plain", path: link, seen: { raw: link, real: secret } },
  { way: "descriptor", seen: { real: secret } },
  { way: "chroot", seen: { raw: "/secret", real: secret } },
  { way: "bind-folder", seen: { raw: "secret", base: place, real: join(place, "secret"), alias: secret } },
  { way: "bind-root", seen: { base: place, real: `${place}${secret}`, alias: secret } },
  { way: "plain", path: twin, seen: { raw: twin, real: twin, alias: secret } },
  { way: "uring", seen: { raw: secret, real: secret }, mark: "ioUring", possible: uring },
  { way: "uring2", seen: { raw: secret, real: secret }, mark: "ioUring", possible: uring },
  { way: "int80", seen: { raw: secret, real: secret }, mark: "compat", possible: facts.compat },
  { way: "int80-at", seen: { raw: secret, real: secret }, mark: "compat", possible: facts.compat },
];

for (const variant of VARIANTS) {
  test(`a file that the filter asks for is seen whatever way it is opened: build ${variant}`, {
    timeout: 60_000,
  }, async (t) => {
    const ran = new Map<number, Way>();
    const { events } = await observe(
      { types: OPENS, variant, filter },
      async () => {
        for (const way of WAYS.filter(({ possible }) => possible !== false)) {
          const { pid, out } = await run(program, [way.way, way.path ?? secret, place]);
          assert.match(out, /^\d+$/m, way.way);
          ran.set(pid, way);
        }
        await run(program, ["plain", `${secret}-of-another`]);
      },
      (record) => record.task.comm === "evasions",
    );
    // `descriptor` opens it twice.
    assert.deepEqual(new Set(events.map(({ task }) => task.pid)), new Set(ran.keys()), "all of them, and nothing else");
    for (const [pid, { way, path, seen, mark }] of ran) {
      await t.test(`${way} ${path ?? ""}`, () => {
        const event = events.findLast(({ task }) => task.pid === pid);
        assert.ok(event, "not seen");
        assert.deepEqual({ ...event.paths[0], ...seen }, event.paths[0]);
        if (mark !== undefined) assert.equal(event.marks[mark], true);
      });
    }
  });

  test(`connections that are made through io_uring or by 32-bit calls are seen: build ${variant}`, {
    timeout: 60_000,
  }, async () => {
    const ways = [
      ...(uring ? ["connect-uring", "accept-uring", "accept-uring-multishot"] : []),
      ...(facts.compat ? ["connect-socketcall", "connect-int80", "accept-socketcall"] : []),
    ];
    const ran = new Map<number, { way: string; result: number }>();
    const { events } = await observe(
      { types: typeIds("connect", "accept"), variant },
      async () => {
        for (const way of ways) {
          const { pid, out } = await run(program, [way, "1"]);
          ran.set(pid, { way, result: Number(out) });
        }
      },
      (record) => record.task.comm === "evasions",
    );
    for (const [pid, { way, result }] of ran) {
      const [name] = way.split("-");
      const event = events.find((seen) => seen.task.pid === pid && seen.name === name && seen.result === result);
      assert.ok(event, `${way} was not seen`);
      judge(event, way);
    }
  });
}

function judge({ name, marks, fd }: Seen, way: string): void {
  assert.equal(way.includes("uring") ? marks.ioUring : marks.compat, true, way);
  assert.equal(fd?.kind, "ipv4", way);
  assert.deepEqual([...(fd?.tuple?.remoteAddress ?? [])], [127, 0, 0, 1], way);
  assert.equal(fd?.tuple?.role, name === "connect" ? "client" : "server", way);
  // Nobody listens on port 1; an accepted connection has its client's port.
  if (name === "connect") assert.equal(fd?.tuple?.remotePort, 1, way);
  else assert.ok(Number(fd?.tuple?.remotePort) > 0 && fd?.connected, way);
}

test("the report says what this kernel offers and that every build loads", async () => {
  const report = await describeProbe();
  assert.equal(report.kernel.btf, true);
  assert.deepEqual(
    report.builds,
    VARIANTS.map((variant) => ({ variant, error: null })),
  );
});
