import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lockPath } from "../src/index.ts";

const REFUSAL = { message: "is in use", code: "LOCKED", hint: "stop the other one" };

test("a path is taken once, by whatever name, and is free again when its holder lets go or is killed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "state");
  writeFileSync(file, "");
  linkSync(file, join(folder, "alias"));
  const release = await lockPath(file, REFUSAL);
  await assert.rejects(lockPath(join(folder, "alias"), REFUSAL), { message: /is in use/ });
  await release();
  const module = fileURLToPath(new URL("../src/lock.ts", import.meta.url));
  const script = `import { lockPath } from ${JSON.stringify(module)}; await lockPath(${JSON.stringify(file)}, {}); console.log("held"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  await assert.rejects(lockPath(file, REFUSAL), { message: /is in use/ });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await (await lockPath(file, REFUSAL))();
});
