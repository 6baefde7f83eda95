/**
 * Runs the tests: `npm test [-- PATH…]`. The packages' own first, two files at a time, then those that cross packages,
 * one at a time. Ends with `N passed, N failed`. With CI=true a skipped test counts as failed: CI has all it takes.
 */
import { globSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

interface Totals {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

const strict = process.env["CI"] === "true";
const chosen = process.argv.slice(2);
const expand = (pattern: string): string[] => globSync(pattern, { exclude: (name) => name === "node_modules" }).sort();
const filesOf = (patterns: string[]): string[] =>
  patterns.flatMap((pattern) => (pattern.endsWith(".ts") ? expand(pattern) : expand(`${pattern}/**/*.test.ts`)));

async function runFiles(files: readonly string[], concurrency: number, totals: Totals): Promise<void> {
  if (files.length === 0) return;
  const stream = run({
    files: [...files],
    concurrency,
    execArgv: ["--conditions=@falco-efk/source", "--disable-warning=ExperimentalWarning"],
    timeout: 15 * 60_000,
  });
  stream.on("test:pass", (data) => {
    if (data.details.type === "suite" || isFile(data.name)) return;
    if (data.skip === undefined) totals.passed += 1;
    else totals.skipped.push(`${data.name}: ${data.skip === true ? "no reason given" : data.skip}`);
  });
  stream.on("test:fail", (data) => {
    if (data.details.type !== "suite") totals.failed += 1;
  });
  const output = stream.compose(spec);
  for await (const chunk of output) process.stdout.write(chunk);
}

/** A file that ran is reported as a test of its own; a file that failed to run is a failure worth counting. */
function isFile(name: string): boolean {
  return name.endsWith(".test.ts");
}

const totals: Totals = { passed: 0, failed: 0, skipped: [] };
if (chosen.length > 0) {
  await runFiles(filesOf(chosen), 1, totals);
} else {
  await runFiles(filesOf(["packages/*/test"]), 2, totals);
  await runFiles(filesOf(["test"]), 1, totals);
}
for (const skipped of totals.skipped) console.log(`skipped: ${skipped}`);
if (strict) totals.failed += totals.skipped.length;
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
