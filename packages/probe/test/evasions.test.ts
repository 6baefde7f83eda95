import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { KernelFilter } from "@falco-efk/event";
import { describeProbe, kernelFacts, VARIANTS } from "../src/index.ts";
import { observe, run, typeIds } from "./live.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "probe-evasions-")));
after(() => rmSync(folder, { recursive: true }));
const program = join(folder, "evasions");
execFileSync("cc", ["-O1", "-Wall", "-o", program, join(import.meta.dirname, "evasions.c")]);
const secret = join(folder, "secret");
writeFileSync(secret, "");

const [OPENAT = -1] = typeIds("openat");
const filter: KernelFilter = {
  types: new Map([
    [
      OPENAT,
      {
        kind: "clauses",
        clauses: [{ requires: ["read", "succeeded"], paths: [{ kind: "exact", text: secret }], processNames: null }],
      },
    ],
  ]),
};
const facts = kernelFacts();

for (const variant of VARIANTS) {
  for (const [way, mark, possible] of [
    ["uring", "ioUring", facts.ioUring && existsSync("/proc/sys/kernel/io_uring_disabled")],
    ["int80", "compat", facts.compat],
  ] as const) {
    test(`an open through ${way} is not missed, nor one of a relative name: build ${variant}`, {
      skip: !possible,
    }, async () => {
      const { events } = await observe(
        { types: [OPENAT], variant, filter },
        async () => {
          assert.match((await run(program, [way, secret])).out, /^\d+$/m);
          assert.match((await run(program, [way, "secret"], { cwd: folder })).out, /^\d+$/m);
          assert.match((await run(program, [way, join(folder, "missing")])).out, /^-2$/m);
        },
        (record) => record.task.comm === "evasions",
      );
      assert.deepEqual(
        events.map(({ paths, marks, task }) => [paths, marks[mark], task.comm]),
        [
          [[{ raw: secret, base: null, real: secret }], true, "evasions"],
          [[{ raw: "secret", base: folder, real: secret }], true, "evasions"],
        ],
      );
    });
  }
}

test("the report says what this kernel offers and that every build loads", () => {
  const report = describeProbe();
  assert.equal(report.kernel.btf, true);
  assert.deepEqual(
    report.builds,
    VARIANTS.map((variant) => ({ variant, error: null })),
  );
});
