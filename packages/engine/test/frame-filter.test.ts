import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRules } from "@falco-efk/rules";
import fc from "fast-check";
import { FrameFilter } from "../../probe/src/frame-filter.ts";
import { LAYOUT } from "../../probe/src/frame-layout.ts";
import { type FrameFacts, frameOf } from "../../probe/test/frame-of.ts";
import { detect } from "../src/detector.ts";
import { createEventState, createFieldBinding } from "../src/event-state.ts";
import { filterOf } from "../src/filter-of.ts";
import { configOf } from "./support.ts";

const HOST = { pid: 4026531836, mount: 4026531841 };
const CONTAINER = `/docker/${"0123456789abcdef".repeat(4)}`;
const runs = process.env["FALCO_EFK_LONG"] === undefined ? 300 : 20_000;

const paths = [
  "/etc/shadow",
  "/bin/x",
  "/bin/../etc/shadow",
  "/etc/",
  "/etc",
  "x",
  "../etc/shadow",
  "sub//x.log",
  ".",
  "/a",
];
const texts = ["/etc", "/etc/shadow", "/bin/", "shadow", ".log", "..", "/", "x", "/etc/*", "*/x*"];
const path = fc.constantFrom(...paths);
const text = fc.constantFrom(...texts).map((one) => JSON.stringify(one));
const atom = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        "fd.name",
        "fd.directory",
        "fd.filename",
        "fd.nameraw",
        "evt.arg.path",
        "evt.arg.name",
        "evt.arg.oldpath",
        "evt.arg.newpath",
        "evt.arg.filename",
        "evt.arg.linkpath",
        "evt.arg.target",
        "evt.abspath",
      ),
      fc.constantFrom("=", "!=", "startswith", "endswith", "contains", "glob", "icontains"),
      text,
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("fd.name", "fd.directory", "evt.arg.path", "evt.arg.name", "evt.arg.newpath"),
      fc.constantFrom("in", "pmatch"),
      fc.array(text, { minLength: 1, maxLength: 3 }).map((all) => `(${all.join(", ")})`),
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("evt.rawres", "fd.num"),
      fc.constantFrom("=", "<", "<=", ">", ">="),
      fc.constantFrom("-2", "-1", "0", "3"),
    )
    .map((parts) => parts.join(" ")),
  fc.constantFrom(
    "container.id != host",
    "container.id = host",
    "container.id in (host)",
    "container.id exists",
    "evt.res = SUCCESS",
    "evt.res = ENOENT",
    "evt.failed = true",
    "evt.is_open_read = true",
    "evt.is_open_write = true",
    "evt.is_open_exec = true",
    "evt.is_open_read != true",
    "evt.arg.flags contains O_TRUNC",
    "evt.arg.flags contains O_CREAT",
    "evt.arg.mode exists",
    "evt.arg.path exists",
    "proc.name exists",
  ),
);
const condition = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    atom,
    tie("all").map((child) => `not (${child})`),
    fc
      .tuple(fc.constantFrom(" and ", " or "), fc.array(tie("all"), { minLength: 2, maxLength: 4 }))
      .map(([word, some]) => `(${some.join(word)})`),
  ),
})).all;
const {
  SECTION_PATH0_RAW,
  SECTION_PATH0_BASE,
  SECTION_PATH0_REAL,
  SECTION_PATH0_ALIAS,
  SECTION_PATH1_RAW,
  SECTION_PATH1_BASE,
  SECTION_FD_PATH,
  SECTION_TEXT,
  SECTION_CGROUP,
} = LAYOUT;
const TWO_PATHS = ["rename", "renameat2", "link", "linkat"];
const TYPES = [
  "open",
  "openat",
  "openat2",
  "creat",
  "unlink",
  "unlinkat",
  "mkdir",
  "mkdirat",
  "rmdir",
  "chmod",
  "fchmodat",
  "symlink",
  "symlinkat",
  "dup2",
  "socket",
  ...TWO_PATHS,
];
const event: fc.Arbitrary<FrameFacts> = fc
  .record({
    type: fc.constantFrom(...TYPES),
    result: fc.constantFrom(-13, -2, 0, 3),
    flags: fc.constantFrom(0, 1, 2, 0o101, 0o1101, 0o20200002),
    names: fc.tuple(path, path),
    base: fc.option(fc.constantFrom("/", "/bin", "/home/u"), { freq: 8 }),
    real: fc.option(fc.constantFrom("/etc/shadow", "/bin/x", "/a"), { freq: 2 }),
    contained: fc.boolean(),
  })
  .map(({ type, result, flags, names, base, real, contained }) => {
    const opens = /^(open|creat)/.test(type);
    const bases = (name: string): string => (base === null || name.startsWith("/") ? "" : base);
    const resolved = opens && result >= 0 && real !== null ? real : "";
    return {
      type,
      result,
      marks: opens ? LAYOUT.MARK_FD : 0,
      args:
        type === "open" ? [0, flags, 0o755] : type === "openat" ? [-100, 0, flags, 0o755] : [-100, 0o755, -100, 0, 0],
      extra: type === "openat2" ? [flags, 0o755, 0] : [],
      pidNamespace: HOST.pid,
      mountNamespace: contained ? HOST.mount + 1 : HOST.mount,
      fdMode: 0o100644,
      sections: {
        [SECTION_CGROUP]: contained ? CONTAINER : "/user.slice",
        [SECTION_PATH0_RAW]: names[0],
        [SECTION_PATH0_BASE]: bases(names[0]),
        ...(TWO_PATHS.includes(type) ? { [SECTION_PATH1_RAW]: names[1], [SECTION_PATH1_BASE]: bases(names[1]) } : {}),
        [SECTION_PATH0_REAL]: resolved,
        [SECTION_FD_PATH]: resolved,
        [SECTION_PATH0_ALIAS]: resolved === "" ? "" : names[1].startsWith("/etc/s") ? "/alias/shadow" : "",
        ...(type.startsWith("symlink") ? { [SECTION_TEXT]: names[1] } : {}),
      },
    };
  });

const binding = createFieldBinding();

test("what a rule matches, by the real fields of a frame and over any of its paths, the filter lets pass", () => {
  let [matches, passes, all] = [0, 0, 0];
  fc.assert(
    fc.property(
      fc.array(condition, { minLength: 1, maxLength: 3 }),
      fc.array(event, { minLength: 1, maxLength: 25 }),
      (conditions, events) => {
        const rules = conditions.map((text, index) => ({
          rule: `r${index}`,
          desc: "d",
          condition: `evt.type in (${TYPES.join(", ")}) and (${text})`,
          output: "o",
          priority: "NOTICE",
        }));
        const { ruleset, diagnostics } = loadRules([{ name: "r.yaml", text: JSON.stringify(rules) }], {
          ...binding,
          ruleMatching: "all",
        });
        assert.ok(ruleset, JSON.stringify(diagnostics));
        const filter = filterOf(ruleset, true);
        const sieve = new FrameFilter(filter, HOST);
        const { state, event: context } = createEventState({
          config: configOf(),
          live: false,
          hostname: "h",
          processes: [],
          own: null,
        });
        for (const facts of events) {
          const frame = frameOf(facts);
          const passed = sieve.passes(frame);
          all++;
          if (passed) passes++;
          state.apply(frame);
          detect(ruleset, context.begin(frame), frame.type, true, ({ name }) => {
            matches++;
            assert.ok(
              passed,
              `${name} matches ${JSON.stringify(facts)}; ${JSON.stringify([...filter.types.values()][0])}`,
            );
          });
        }
      },
    ),
    { numRuns: runs },
  );
  assert.ok(matches > 0 && passes < all, `${matches} matches, ${passes} of ${all} passed`);
});
