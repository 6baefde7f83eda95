import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const NATIVE = fileURLToPath(new URL("../src/native.ts", import.meta.url));

for (const flags of [[], ["--use-largepages=on"]]) {
  test(`pages of Node's code go and come back: the program goes on as before ${flags.join(" ")}`, () => {
    const program = `
      const { loadNative, releaseMemory } = await import(${JSON.stringify(NATIVE)});
      loadNative();
      const before = process.memoryUsage.rss();
      releaseMemory(true);
      const freed = before - process.memoryUsage.rss();
      const text = new Intl.DateTimeFormat("en", { timeZone: "UTC", year: "numeric" }).format(0);
      console.log(JSON.stringify({ freed, text }));
    `;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...flags, "--conditions=@falco-efk/source", "--input-type=module", "-e", program],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    const { freed, text } = JSON.parse(stdout) as { freed: number; text: string };
    assert.equal(text, "1970");
    assert.ok(freed > 5 * 1024 ** 2, `${freed} bytes`);
  });
}
