import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTypeByName, type KernelFilter, type PathPattern, type PushdownClause } from "@falco-efk/event";
import fc from "fast-check";
import { FrameFilter } from "../src/frame-filter.ts";
import { LAYOUT } from "../src/frame-layout.ts";
import { accepts, classesOf, lexicalPath } from "./accepts.ts";
import { frameOf } from "./frame-of.ts";

const HOST = { pid: 4026531836, mount: 4026531841 };
const { SECTION_PATH0_RAW, SECTION_PATH0_BASE, SECTION_PATH0_REAL, SECTION_PATH0_ALIAS, SECTION_PATH1_RAW } = LAYOUT;
const runs = process.env["FALCO_EFK_LONG"] === undefined ? 1000 : 50_000;

const names = ["etc", "shadow", ".ssh", "id_rsa", "a..b", "x", "größe", "liblzma.so.5.6.0"];
const absolute = fc.array(fc.constantFrom(...names), { maxLength: 4 }).map((components) => `/${components.join("/")}`);
const tidy = fc.oneof(
  absolute,
  fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((all) => all.join("/")),
);
const untidy = fc.constantFrom("../etc/shadow", "/etc/../x", "./x", "/etc//shadow", "x/.", "/etc/./x", "..", "/x/..");
const raws = fc.oneof(
  { weight: 5, arbitrary: tidy },
  untidy,
  tidy.map((name) => (name.endsWith("/") ? name : `${name}/`)),
  fc.constant("."),
);
const texts = fc.oneof(
  absolute,
  fc.constantFrom("/", "/etc/", "sh", "x", "rsa", "/shadow", ".ssh/", "..", "ö", "liblzma.so.5.6", "/etc/shadow"),
);
const pattern: fc.Arbitrary<PathPattern> = fc
  .record({ kind: fc.constantFrom("exact", "directory", "child", "prefix", "suffix", "contains"), text: texts })
  .filter(({ kind, text }) => kind !== "child" || text.startsWith("/")) as fc.Arbitrary<PathPattern>;
const clause: fc.Arbitrary<PushdownClause> = fc.record({
  requires: fc.uniqueArray(
    fc.constantFrom("read", "write", "create", "truncate", "succeeded", "failed", "dotdot", "contained"),
    { maxLength: 2 },
  ),
  paths: fc.option(fc.array(pattern, { minLength: 1, maxLength: 8 }), { freq: 8 }),
});
const call = fc.record({
  type: fc.constantFrom("open", "openat", "openat2", "creat"),
  flags: fc.integer({ min: 0, max: 0o3 }).chain((access) => fc.constantFrom(access, access | 0o100, access | 0o1101)),
  result: fc.constantFrom(-13, 0, 3),
  raw: raws,
  base: fc.option(absolute, { freq: 6 }),
  real: fc.option(absolute, { freq: 3 }),
  alias: fc.option(absolute, { freq: 1 }),
  contained: fc.boolean(),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

function frameFor({ type, flags, result, raw, base, real, alias, contained }: Call, marks = 0) {
  return frameOf({
    type,
    result,
    marks,
    args: type === "open" ? [0, flags] : [0, 0, flags],
    extra: type === "openat2" ? [flags] : [],
    pidNamespace: HOST.pid,
    mountNamespace: contained ? HOST.mount + 1 : HOST.mount,
    sections: {
      [SECTION_PATH0_RAW]: raw,
      ...(base === null || raw.startsWith("/") ? {} : { [SECTION_PATH0_BASE]: base }),
      ...(real === null ? {} : { [SECTION_PATH0_REAL]: real }),
      ...(alias === null ? {} : { [SECTION_PATH0_ALIAS]: alias }),
    },
  });
}

test("a frame passes when the filter accepts the open, and of tidy names nothing else does", () => {
  let both = [0, 0];
  fc.assert(
    fc.property(
      fc.array(clause, { maxLength: 6 }),
      fc.array(call, { minLength: 1, maxLength: 20 }),
      (clauses, calls) => {
        const types = new Map(
          ["open", "openat", "openat2", "creat"].map(
            (name) => [eventTypeByName(name)?.id ?? -1, { kind: "clauses", clauses }] as const,
          ),
        );
        const filter: KernelFilter = { types };
        const sieve = new FrameFilter(filter, HOST);
        for (const one of calls) {
          const known = one.raw.startsWith("/") || one.base !== null;
          const lexical = known ? lexicalPath(one.base ?? "", one.raw) : "";
          const flags = one.type === "creat" ? 0o1101 : one.flags;
          const facts = {
            type: eventTypeByName(one.type)?.id ?? -1,
            classes: new Set([
              ...classesOf(flags, one.result >= 0, one.raw),
              ...(one.contained ? (["contained"] as const) : []),
            ]),
            paths: [lexical, one.real, one.alias].filter((path) => path !== null),
          };
          const passed = sieve.passes(frameFor(one));
          const expected = accepts(filter, facts);
          both = [(both[0] as number) + Number(expected), (both[1] as number) + Number(passed)];
          if (expected) assert.ok(passed, `missed ${JSON.stringify(one)}`);
          else if (known && /^\/?[^./]/.test(one.raw) && !/(^|\/)\.{0,2}(\/|$)/.test(one.raw.slice(1)))
            assert.ok(!passed, `passed ${JSON.stringify(one)} for nothing`);
        }
      },
    ),
    { numRuns: runs },
  );
  assert.ok((both[0] as number) > 0 && (both[0] as number) < (both[1] as number));
});

test("what a frame cannot tell holds: a cut name, a missing one, a host that is not known", () => {
  const open = eventTypeByName("openat")?.id ?? -1;
  const of = (...clauses: PushdownClause[]): KernelFilter => ({
    types: new Map([[open, { kind: "clauses", clauses }]]),
  });
  const exact: PushdownClause = { requires: [], paths: [{ kind: "exact", text: "/etc/shadow" }] };
  const plain = {
    type: "openat",
    flags: 0,
    result: 3,
    raw: "/x",
    base: null,
    real: "/x",
    alias: null,
    contained: false,
  } as const;
  const path = new FrameFilter(of(exact), HOST);
  assert.ok(!path.passes(frameFor(plain)));
  assert.ok(path.passes(frameFor(plain, LAYOUT.MARK_TRUNCATED)));
  assert.ok(path.passes(frameFor({ ...plain, raw: "" })));
  assert.ok(path.passes(frameFor({ ...plain, raw: "shadow" })));
  assert.ok(path.passes(frameFor({ ...plain, raw: "x" })), "what a relative name starts from is not known");
  const contained = of({ requires: ["contained"], paths: null });
  assert.ok(!new FrameFilter(contained, HOST).passes(frameFor(plain)));
  assert.ok(new FrameFilter(contained, null).passes(frameFor(plain)));
  const many = Array.from({ length: 40 }, () => exact);
  assert.ok(new FrameFilter(of(...many), HOST).passes(frameFor(plain)));
});

test("either path of a call with two is enough", () => {
  const rename = eventTypeByName("rename")?.id ?? -1;
  const clauses = [{ requires: [], paths: [{ kind: "prefix", text: "/bin/" }] }] as const;
  const sieve = new FrameFilter({ types: new Map([[rename, { kind: "clauses", clauses }]]) }, HOST);
  const moved = (from: string, to: string): boolean =>
    sieve.passes(frameOf({ type: "rename", sections: { [SECTION_PATH0_RAW]: from, [SECTION_PATH1_RAW]: to } }));
  assert.deepEqual([moved("/bin/a", "/x"), moved("/x", "/bin/a"), moved("/x", "/y")], [true, true, false]);
});
