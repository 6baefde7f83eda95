/**
 * `npm run long [-- PATH…]`: the tests that have a long form, in that form (more kills, longer soaks, more documents).
 * They read FALCO_EFK_LONG; a test says `long` in its file when it has such a form.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";

const chosen = process.argv.slice(2);
const files =
  chosen.length > 0
    ? chosen
    : globSync(["packages/*/test/**/*.test.ts", "test/**/*.test.ts"])
        .filter((file) => !file.includes("node_modules"))
        .filter((file) => readFileSync(file, "utf8").includes("FALCO_EFK_LONG"));

const args = ["--conditions=@falco-efk/source", "scripts/test.ts", "--long", ...files];
const result = spawnSync(process.execPath, args, { stdio: "inherit", env: { ...process.env, FALCO_EFK_LONG: "1" } });
process.exitCode = result.status ?? 1;
