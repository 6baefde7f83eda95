import assert from "node:assert/strict";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { VARIANTS } from "../src/index.ts";
import { observe, run, type Seen, typeIds } from "./live.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "probe-open-")));
after(() => rmSync(folder, { recursive: true }));

const OPENS = typeIds("open", "openat", "openat2", "creat");

async function opens(options: object, act: () => Promise<void> | void): Promise<Seen[]> {
  const { events } = await observe(
    { types: OPENS, ...options },
    act,
    (record) => (record.paths[0]?.raw ?? "").includes("seen") || (record.paths[0]?.base ?? "").startsWith(folder),
  );
  return events;
}

for (const variant of VARIANTS) {
  for (const attach of ["tracepoint", "raw"] as const) {
    test(`opens are seen with name, file and outcome: build ${variant}, attached by ${attach}`, async () => {
      const path = join(folder, "seen file");
      rmSync(path, { force: true });
      let fd = -1;
      const events = await opens({ variant, attach }, () => {
        fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o640);
        closeSync(fd);
        assert.throws(() => openSync(join(path, "seen below a file"), "r"));
      });
      const [created, failed] = events;
      const stat = statSync(path);
      assert.deepEqual(created?.paths, [{ raw: path, base: null, real: path }]);
      assert.equal(created?.result, fd);
      assert.equal(created?.params["dirfd"], -100);
      assert.equal(Number(created?.params["flags"]) & 0o777, constants.O_WRONLY | constants.O_CREAT);
      assert.equal(created?.params["mode"], 0o640);
      assert.equal(created?.fd?.created, true);
      assert.equal(created?.fd?.kind, "file");
      assert.equal(created?.fd?.inode, stat.ino);
      assert.equal(created?.fd?.device, stat.dev);
      assert.equal(created?.task.pid, process.pid);
      assert.equal(failed?.result, -20);
      assert.equal(failed?.fd?.path, null);
      assert.deepEqual(failed?.paths, [{ raw: join(path, "seen below a file"), base: null, real: null }]);
    });

    test(`a deep relative name through a symlink has base and real path: build ${variant}, attached by ${attach}`, async () => {
      const deep = join(folder, ...Array.from({ length: 30 }, (_, index) => `directory-${index}`));
      mkdirSync(deep, { recursive: true });
      rmSync(join(deep, "seen-link"), { force: true });
      symlinkSync("/etc/hostname", join(deep, "seen-link"));
      const events = await opens({ variant, attach }, async () => {
        await run("/bin/cat", ["seen-link"], { cwd: deep });
      });
      const event = events.find((seen) => seen.paths[0]?.raw === "seen-link");
      assert.deepEqual(event?.paths, [{ raw: "seen-link", base: deep, real: "/etc/hostname" }]);
      assert.equal(event?.task.comm, "cat");
    });
  }
}

test("a name of 4,000 bytes is whole", async () => {
  const dots = `${folder}/${"./".repeat((4000 - folder.length - 6) / 2)}seen`;
  writeFileSync(join(folder, "seen"), "");
  const events = await opens({}, () => closeSync(openSync(dots, "r")));
  assert.deepEqual(events[0]?.paths, [{ raw: dots, base: null, real: join(folder, "seen") }]);
  assert.equal(events[0]?.marks.truncated, false);
});

test("an ignored process is not seen, another one with the same name is", async () => {
  const path = join(folder, "seen by whom");
  writeFileSync(path, "");
  const { identifyProcess } = await import("../src/index.ts");
  const events = await opens({ ignoreProcesses: [identifyProcess(process.pid)] }, async () => {
    closeSync(openSync(path, "r"));
    await run(process.execPath, ["-e", "require('fs').closeSync(require('fs').openSync(process.argv[1]))", path]);
  });
  const found = events.filter((event) => event.paths[0]?.raw === path);
  assert.equal(found.length, 1);
  assert.notEqual(found[0]?.task.pid, process.pid);
});

test("what the kernel counted is what was delivered and dropped", async () => {
  const { counters } = await observe(
    { types: OPENS },
    () => {
      for (let i = 0; i < 5000; i++) closeSync(openSync(folder, "r"));
    },
    () => false,
  );
  const dropped = Object.values(counters.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(counters.produced, counters.delivered + dropped);
  assert.ok((counters.byType["openat"]?.seen ?? 0) >= 5000);
});
