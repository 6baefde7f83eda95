import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { heldCapabilities } from "../src/kernel-facts.ts";

/** A folder such as /proc/self/task; a thread without a mask has ended since it was listed. */
function threads(masks: Record<string, string | null>, run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "threads-"));
  try {
    for (const [thread, mask] of Object.entries(masks)) {
      mkdirSync(join(folder, thread));
      if (mask !== null) writeFileSync(join(folder, thread, "status"), `Name:\tnode\nCapEff:\t${mask}\nSeccomp:\t0\n`);
    }
    run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a capability is held when every thread holds it", () => {
  threads({ 10: "000001c000080004", 11: "000001c000000004" }, (folder) =>
    assert.equal(heldCapabilities(folder), 0x1c000000004n),
  );
});

test("a thread that ends while the threads are listed takes no capability away", () => {
  threads({ 10: "000001c000080004", 11: null }, (folder) => assert.equal(heldCapabilities(folder), 0x1c000080004n));
});
