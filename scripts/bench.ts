/** `npm run bench -- NAME`: runs one benchmark and keeps its result in bench/results; without a name, lists them. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

const benchmarks = new Map(
  globSync(["bench/*.bench.ts", "packages/*/bench/*.bench.ts"]).map((file) => [basename(file, ".bench.ts"), file]),
);

const [name, ...rest] = process.argv.slice(2);
const file = name === undefined ? undefined : benchmarks.get(name);
if (file === undefined) {
  if (name !== undefined) console.error(`bench: there is no benchmark "${name}"`);
  for (const [known, path] of [...benchmarks].sort()) console.log(`${known.padEnd(12)} ${firstComment(path)}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const args = ["--conditions=@falco-efk/source", "--expose-gc", file, ...rest];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
}

/** The first sentence of the file's leading comment says what it measures. */
function firstComment(path: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(path, "utf8"))?.[1] ?? "";
  return (
    comment
      .replace(/\s*\*\s*/g, " ")
      .trim()
      .split(/\.\s/)[0] ?? ""
  );
}
