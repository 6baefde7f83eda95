import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type LiveEngine, startEngine } from "../support/engine.ts";
import { live } from "../support/suite.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const STABLE = path("../../../shared/stock-rules/falco_rules.yaml");
const needs = existsSync(STABLE) ? (live ? false : "needs root") : `Falco's stable rules aren't here: ${STABLE}`;
/** Of our own dependencies, two that have none themselves: so nothing is fetched. */
const PACKAGES = ["undici", "yaml"];

/** A project that depends on packed copies, with its lock file. */
function makeProject(folder: string): string {
  const project = join(folder, "project");
  mkdirSync(project);
  const npm = (cwd: string, ...args: string[]): string =>
    execFileSync("npm", [...args, "--offline", "--silent", "--ignore-scripts"], { cwd, encoding: "utf8" });
  const dependencies: Record<string, string> = {};
  for (const name of PACKAGES) {
    const packed = npm(folder, "pack", path(`../../node_modules/${name}`))
      .trim()
      .split("\n")
      .at(-1);
    dependencies[name] = `file:../${packed}`;
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", dependencies }));
  npm(project, "install", "--package-lock-only", "--no-audit");
  return project;
}

async function opens(engine: LiveEngine): Promise<{ readonly seen: number; readonly passed: number }> {
  const { pushdown } = (await (await fetch(`${engine.url}/status`)).json()) as {
    readonly pushdown: Readonly<Record<string, { readonly seen: number; readonly passed: number }>>;
  };
  const types = ["open", "openat", "openat2"].map((type) => pushdown[type] ?? { seen: 0, passed: 0 });
  const sum = (of: "seen" | "passed"): number => types.reduce((total, type) => total + type[of], 0);
  return { seen: sum("seen"), passed: sum("passed") };
}

test("with Falco's stable rules fewer than one in a hundred opens of an npm ci come to user space", {
  skip: needs,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "efk-npm-ci-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const project = makeProject(folder);
  const engine = await startEngine({ folder, rulesFiles: [STABLE] });
  const before = await opens(engine);
  execFileSync("npm", ["ci", "--offline", "--silent", "--ignore-scripts", "--no-audit"], { cwd: project });
  const after = await opens(engine);
  await engine.end();
  const [seen, passed] = [after.seen - before.seen, after.passed - before.passed];
  t.diagnostic(`with ${STABLE}: ${passed} of ${seen} opens passed, ${((100 * passed) / seen).toFixed(2)} %`);
  assert.ok(seen > 500, `${seen} opens are too few to tell anything`);
  assert.ok(passed < seen / 100, `${passed} of ${seen} opens passed`);
});
