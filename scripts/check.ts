/** What must hold of the sources themselves: `npm run check`. Every check runs; the first line of a failure says which. */
import { spawnSync } from "node:child_process";

const checks: readonly (readonly [name: string, ...command: string[]])[] = [
  ["types of the packages", "npx", "tsc", "-b"],
  ["types of the tests", "npx", "tsc", "-p", "tsconfig.tests.json"],
  ["lint, format and import cycles", "npx", "biome", "check", "--error-on-warnings", "."],
  ["unused code and undeclared imports", "npx", "knip"],
  ["layout rules", process.execPath, "scripts/check-layout.ts"],
];

let failed = 0;
for (const [name, command, ...args] of checks) {
  const begin = Date.now();
  const result = spawnSync(command as string, args, { encoding: "utf8" });
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  if (result.status === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
  } else {
    failed += 1;
    console.log(`FAILED  ${name} (${seconds} s)\n${result.stdout}${result.stderr}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
