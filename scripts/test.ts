/**
 * Runs the tests: `npm test [-- PATH…]`. The packages' own first, two files at a time, then those that cross packages,
 * one at a time. A file with a failure is run once more by itself, when the machine is quiet: what passes then is named,
 * so that nobody takes it for sound. Ends with `N passed, N failed`. With CI=true a skipped test counts as failed: CI has
 * all it takes.
 */
import { globSync } from "node:fs";
import { relative, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** What came of one file. */
interface Result {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

const strict = process.env["CI"] === "true";
// `npm run long` gives it: a file may then take an hour.
const long = process.argv.includes("--long");
const chosen = process.argv.slice(2).filter((argument) => argument !== "--long");
const expand = (pattern: string): string[] => globSync(pattern, { exclude: (name) => name === "node_modules" }).sort();
const filesOf = (patterns: string[]): string[] =>
  patterns.flatMap((pattern) => (pattern.endsWith(".ts") ? expand(pattern) : expand(`${pattern}/**/*.test.ts`)));

const results = new Map<string, Result>();

async function runFiles(files: readonly string[], concurrency: number): Promise<void> {
  if (files.length === 0) return;
  for (const file of files) results.delete(resolve(file));
  const resultOf = (file: string | undefined): Result => {
    const key = file ?? "";
    const known = results.get(key) ?? { passed: 0, failed: 0, skipped: [] };
    results.set(key, known);
    return known;
  };
  const stream = run({
    files: [...files],
    concurrency,
    execArgv: ["--conditions=@falco-efk/source", "--disable-warning=ExperimentalWarning"],
    timeout: (long ? 60 : 15) * 60_000,
  });
  stream.on("test:pass", (data) => {
    if (data.details.type === "suite" || isFile(data.name)) return;
    const result = resultOf(data.file);
    if (data.skip === undefined) result.passed += 1;
    else result.skipped.push(`${data.name}: ${data.skip === true ? "no reason given" : data.skip}`);
  });
  stream.on("test:fail", (data) => {
    // A file that could not be run at all is a failure under its own name.
    if (data.details.type !== "suite") resultOf(isFile(data.name) ? resolve(data.name) : data.file).failed += 1;
  });
  for await (const chunk of stream.compose(spec)) process.stdout.write(chunk);
}

/** What counts against a file. */
function failuresOf({ failed, skipped }: Result): number {
  return failed + (strict ? skipped.length : 0);
}

/** A file is reported as a test of its own. */
function isFile(name: string): boolean {
  return name.endsWith(".test.ts");
}

if (chosen.length > 0) {
  await runFiles(filesOf(chosen), 1);
} else {
  await runFiles(filesOf(["packages/*/test"]), 2);
  await runFiles(filesOf(["test"]), 1);
}
// A test is counted under the file that its lines stand in. Where that is a helper, running it would run no test at all
// and pass for a success: its failure stands.
const failing = [...results].filter(([file, result]) => isFile(file) && failuresOf(result) > 0).map(([file]) => file);
for (const file of failing) {
  console.log(`\nonce more by itself: ${relative(process.cwd(), file)}`);
  await runFiles([file], 1);
  const again = results.get(file);
  if (again && failuresOf(again) === 0)
    console.log(`unsteady: ${relative(process.cwd(), file)} passed the second time`);
}

const all = [...results.values()];
const skipped = all.flatMap((result) => result.skipped);
for (const reason of skipped) console.log(`skipped: ${reason}`);
const sum = (count: (result: Result) => number): number => all.reduce((total, result) => total + count(result), 0);
const passed = sum((result) => result.passed);
const failed = sum(failuresOf);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
