import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const KIT = fileURLToPath(new URL("../src/memory.ts", import.meta.url));

/** Runs a module in a Node of its own, whose memory no other test has used. */
function run(module: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", module], { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout;
}

test("a collection gives the memory of garbage back to the system", () => {
  const text = run(`
    const { collectGarbage } = await import(${JSON.stringify(KIT)});
    let held = Array.from({ length: 2_000_000 }, (_, index) => ({ index }));
    const before = process.memoryUsage.rss();
    held = null;
    collectGarbage();
    console.log(before - process.memoryUsage.rss());
  `);
  assert.ok(Number(text) > 40 * 1024 ** 2, `${text} bytes`);
});

test("a process that has become idle frees memory once after its work, and again only after more work", () => {
  const text = run(`
    import { mock } from "node:test";
    mock.timers.enable({ apis: ["setInterval"] });
    let spent = { user: 400_000, system: 0 };
    process.cpuUsage = (before) => (before ? { user: spent.user - before.user, system: 0 } : { ...spent });
    const { freeMemoryWhenIdle } = await import(${JSON.stringify(KIT)});
    let freed = 0;
    const seen = [];
    const stop = freeMemoryWhenIdle({ idle: 0.01, free: () => { freed++; } });
    const turn = (cpu) => { spent.user += cpu; mock.timers.tick(5000); seen.push(freed); };
    turn(1_000_000);
    turn(10_000);
    turn(10_000);
    turn(1_000_000);
    turn(10_000);
    stop();
    turn(1_000_000);
    turn(0);
    console.log(seen.join(" "));
  `);
  assert.equal(text, "0 1 1 1 2 2 2\n");
});
