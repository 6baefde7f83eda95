import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventTypeByName, type OpenClass } from "@falco-efk/event";
import fc from "fast-check";
import { accepts, interpret, type KernelView, pushdown } from "../src/index.ts";
import { load, loadGood, ruleWith } from "./support/load.ts";
import type { TableEvent } from "./support/table-resolver.ts";

interface Open {
  readonly path: string;
  readonly realPath: string;
  readonly raw: string;
  readonly flags: readonly string[];
  readonly result: number;
  readonly process: string;
  /** What the thread calls itself. */
  readonly thread: string;
}

const paths = [
  "/etc/shadow",
  "/etc/pam.d/x",
  "/etc",
  "/home/u/.ssh/id_rsa",
  "/tmp/a.log",
  "/var/log/a.log",
  "/a",
  "x/y",
];
const open: fc.Arbitrary<Open> = fc.record({
  path: fc.constantFrom(...paths),
  realPath: fc.constantFrom(...paths),
  raw: fc.constantFrom("/etc/shadow", "../../etc/shadow", "a../b", "x"),
  flags: fc.subarray(["O_RDONLY", "O_WRONLY", "O_CREAT", "O_TRUNC", "O_TMPFILE"]),
  result: fc.constantFrom(-13, -1, 0, 3),
  process: fc.constantFrom("cat", "sshd", "node"),
  thread: fc.constantFrom("cat", "sshd", "libuv-worker"),
});

function event({ raw, flags, result, process }: Open, path: string): TableEvent {
  // The kernel refuses O_TMPFILE without write access.
  const canMakeTemporary = flags.includes("O_WRONLY") || result < 0;
  return {
    "evt.type": "openat",
    "evt.num": 1,
    "evt.rawres": result,
    "fd.num": result < 0 ? -1 : result,
    "evt.res": result < 0 ? "EACCES" : "SUCCESS",
    "evt.is_open_read": flags.includes("O_RDONLY"),
    "evt.is_open_write": flags.includes("O_WRONLY"),
    "evt.is_open_exec": flags.includes("O_CREAT") || (flags.includes("O_TMPFILE") && canMakeTemporary),
    "evt.arg.flags": flags.join("|"),
    "fd.name": path,
    "fd.nameraw": raw,
    "fd.directory": path.slice(0, path.lastIndexOf("/")) || "/",
    "fd.filename": path.slice(path.lastIndexOf("/") + 1),
    "proc.name": process,
  };
}

function view(one: Open): KernelView {
  const classes = new Set<OpenClass>([one.result < 0 ? "failed" : "succeeded"]);
  if (one.flags.includes("O_RDONLY")) classes.add("read");
  if (one.flags.includes("O_WRONLY")) classes.add("write");
  if (one.flags.includes("O_CREAT")) classes.add("create");
  if (one.flags.includes("O_TRUNC")) classes.add("truncate");
  if (one.raw.includes("..")) classes.add("dotdot");
  const type = eventTypeByName("openat")?.id as number;
  return { type, classes, paths: [one.path, one.realPath] };
}

const path = fc.constantFrom(...paths, "/home", "/", "/etc/*", ".log", "shadow", "/etc/", "/home/*/.ssh", "");
const list = fc
  .array(
    path.filter((text) => text !== ""),
    { maxLength: 4 },
  )
  .map((items) => `(${items.join(", ")})`);
const atom = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("fd.name", "fd.directory", "fd.filename"),
      fc.constantFrom("=", "!=", "startswith", "endswith", "contains", "glob"),
      path.map((text) => JSON.stringify(text)),
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(fc.constantFrom("fd.name", "fd.directory", "fd.filename"), fc.constantFrom("in", "pmatch"), list)
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("fd.name", "fd.filename"),
      fc.constantFrom("startswith", "endswith", "=", "contains"),
      fc.constantFrom("oneof", "anyof", "allof"),
      list,
    )
    .map((parts) => parts.join(" ")),
  fc
    .tuple(
      fc.constantFrom("evt.is_open_read", "evt.is_open_write", "evt.is_open_exec"),
      fc.constantFrom("=true", "=false", "!=true", "!= false"),
    )
    .map((parts) => parts.join("")),
  fc
    .tuple(
      fc.constantFrom("evt.rawres", "fd.num"),
      fc.constantFrom("=", "!=", "<", "<=", ">", ">="),
      fc.constantFrom("-13", "-1", "0", "3"),
    )
    .map((parts) => parts.join(" ")),
  fc.constantFrom(
    'evt.arg.flags contains "O_CREAT"',
    'evt.arg.flags contains "O_TRUNC"',
    "evt.res = SUCCESS",
    "evt.res != SUCCESS",
    "evt.res startswith E",
  ),
  fc.constantFrom("proc.name = cat", "proc.name in (cat, sshd)", "proc.name != cat", "proc.name startswith s"),
  fc.constantFrom(
    'fd.nameraw contains "../"',
    'fd.nameraw glob "*../*../*"',
    "fd.nameraw startswith /etc",
    "fd.name exists",
    "evt.type = openat",
    "evt.type = connect",
  ),
);
const condition = fc.letrec<{ expr: string }>((tie) => ({
  expr: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    atom,
    tie("expr").map((child) => `not (${child})`),
    fc
      .tuple(fc.constantFrom(" and ", " or "), fc.array(tie("expr"), { minLength: 2, maxLength: 5 }))
      .map(([word, some]) => `(${some.join(word)})`),
  ),
})).expr;

const runs = process.env["FALCO_EFK_LONG"] === undefined ? 300 : 20_000;

test("what a rule matches, over either path, the kernel's filter accepts", () => {
  fc.assert(
    fc.property(
      fc.array(condition, { minLength: 1, maxLength: 4 }),
      fc.array(open, { minLength: 1, maxLength: 20 }),
      (conditions, opens) => {
        const rules = conditions.map((text, index) => ruleWith(text).replace("rule: r", `rule: r${index}`)).join("");
        const ruleset = loadGood(rules);
        const filter = pushdown(ruleset);
        for (const one of opens) {
          for (const rule of ruleset.rules) {
            const matches = [one.path, one.realPath].some((shown) => interpret(rule.condition, event(one, shown)));
            if (matches)
              assert.ok(accepts(filter, view(one)), JSON.stringify({ conditions, one, filter: [...filter.types] }));
          }
        }
      },
    ),
    { numRuns: runs },
  );
});

test("an event type that no rule can match is left out of the filter", () => {
  const filter = pushdown(loadGood(ruleWith("evt.type = connect")));
  assert.deepEqual([...filter.types.keys()], [eventTypeByName("connect")?.id]);
});

test("a rule that says nothing of the path lets every open of its kind pass", () => {
  const filter = pushdown(loadGood(ruleWith("evt.type = open and proc.pname = bash")));
  assert.deepEqual([...filter.types.values()], [{ kind: "pass" }]);
});

test("many different clauses are widened, never cut", () => {
  const kinds = [
    "evt.is_open_read=true",
    "evt.is_open_write=true",
    'evt.arg.flags contains "O_CREAT"',
    'evt.arg.flags contains "O_TRUNC"',
    'fd.nameraw contains ".."',
  ];
  const parts: string[] = [];
  for (let bits = 0; bits < 1 << kinds.length; bits++) {
    for (const result of ["evt.rawres >= 0", "evt.rawres < 0", "evt.cpu = 0"]) {
      const chosen = kinds.filter((_, index) => (bits >> index) % 2 === 1);
      parts.push(`(${[...chosen, result, `fd.name startswith /d${parts.length}/`].join(" and ")})`);
    }
  }
  const filter = pushdown(loadGood(ruleWith(`evt.type = open and (${parts.join(" or ")})`)));
  const [type] = [...filter.types.values()];
  assert.ok(parts.length > 64 && type?.kind === "clauses" && type.clauses.length <= 64);
  const classes = new Set<OpenClass>(["read", "succeeded"]);
  const at = (text: string): boolean =>
    accepts(filter, { type: eventTypeByName("open")?.id as number, classes, paths: [text] });
  assert.ok(at("/d0/x") && at("/d95/x"));
  assert.ok(!at("/elsewhere"));
});

const stock = join(import.meta.dirname, "../../../../shared/stock-rules/falco_rules.yaml");

test("with the stable stock rules an npm ci's opens die in the kernel", {
  skip: !existsSync(stock) && "the stock rules are not here",
}, (t) => {
  const { ruleset } = load(readFileSync(stock, "utf8"));
  assert.ok(ruleset);
  const filter = pushdown(ruleset);
  const files = [
    "index.js",
    "package.json",
    "dist/cjs/util.js",
    ".bin/tsc",
    "README.md",
    "build/x.node",
    "CHANGELOG.md",
  ];
  let passed = 0;
  let all = 0;
  for (let index = 0; index < 500; index++) {
    for (const file of files) {
      for (const classes of [
        ["read", "succeeded"],
        ["write", "create", "truncate", "succeeded"],
        ["read", "failed"],
      ] as const) {
        const name = `/home/dev/app/node_modules/package-${index}/${file}`;
        const call = {
          type: eventTypeByName("openat")?.id as number,
          classes: new Set<OpenClass>(classes),
          paths: [name],
        };
        all++;
        if (accepts(filter, call)) passed++;
      }
    }
  }
  t.diagnostic(`${passed} of ${all} opens pass`);
  assert.ok(passed / all < 0.01, `${passed} of ${all} pass`);
});
