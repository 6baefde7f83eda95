/**
 * Rules that no linter knows: a source file has at most 400 lines (tables excepted), every package's dependencies on
 * its neighbours go one way, and the project's files speak of the project alone.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const MAX_LINES = 400;
/** Tables and declarations: data that would not be clearer in two files. */
const TABLE = /(^|\/)(tables|fixtures)\/|-table\.ts$|(^|\/)flags[^/]*\.ts$|event-types\.ts$|bpf\/kernel\.h$/;

/** What each package may depend on inside the suite. */
const DIRECTIONS: Readonly<Record<string, readonly string[]>> = {
  event: [],
  elastic: [],
  kit: [],
  rules: ["event"],
  fields: ["event"],
  probe: ["event"],
  engine: ["event", "rules", "fields", "probe", "kit"],
  ship: ["elastic", "kit"],
  bootstrap: ["elastic", "kit"],
  store: ["elastic", "kit"],
  console: ["elastic", "kit"],
  alerts: ["elastic", "kit"],
  generate: ["kit"],
  up: ["kit", "engine", "ship", "bootstrap", "store", "console", "alerts", "generate"],
};

const faults: string[] = [];
const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");

for (const file of files.filter((name) => /\.(ts|tsx|c|h|cc|hh)$/.test(name) && !TABLE.test(name))) {
  const lines = readFileSync(file, "utf8").split("\n").length - 1;
  if (lines > MAX_LINES) faults.push(`${file}: ${lines} lines, more than ${MAX_LINES}: split it by job`);
}

for (const [name, allowed] of Object.entries(DIRECTIONS)) {
  const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8")) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    const [, neighbour] = /^@falco-efk\/(.+)$/.exec(dependency) ?? [];
    if (neighbour !== undefined && !allowed.includes(neighbour)) {
      faults.push(`packages/${name}/package.json: must not depend on ${dependency}`);
    }
  }
}

for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
