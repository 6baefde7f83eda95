/**
 * Makes a release of the packages in package.json's workspaces, from a clean checkout:
 *   sh scripts/run.sh exec scripts/release.ts pack FOLDER      builds everything and writes one tarball a package
 *   sh scripts/run.sh exec scripts/release.ts publish FOLDER   sends those tarballs to the registry that npm is set to
 * The probe is compiled here, so what is packed runs on machines of this one's processor and C library.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

const root = join(import.meta.dirname, "..");
/** Runs a step, whose own words are printed; one that fails ends the release. */
const run = (program: string, ...args: string[]): void => {
  const { status } = spawnSync(program, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed`);
};
const read = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: root, encoding: "utf8" }).trim();

function pack(folder: string): void {
  const packages = publishable();
  const versions = new Set(packages.map(({ manifest }) => manifest.version));
  if (versions.size > 1) fail(`the packages have different versions: ${[...versions].join(", ")}`);
  const changed = read("git", "status", "--porcelain", "--", "packages", "rules", "kibana-saved-objects") !== "";
  const commit = `${read("git", "rev-parse", "--short=12", "HEAD")}${changed ? ", changed" : ""}`;
  run("make", "-C", "packages/probe");
  run("npm", "run", "--silent", "build:page", "--workspace", "packages/console");
  run("npx", "tsc", "-b");
  mkdirSync(folder, { recursive: true });
  const commitFile = join(root, "packages/kit/commit");
  writeFileSync(commitFile, `${commit}\n`);
  try {
    // The repository forbids the scripts of dependencies; these are our own.
    const names = packages.flatMap(({ manifest }) => ["--workspace", manifest.name]);
    run("npm", "pack", "--silent", "--ignore-scripts=false", "--pack-destination", folder, ...names);
  } finally {
    rmSync(commitFile);
  }
}

function publish(folder: string): void {
  const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  if (tarballs.length === 0) fail(`no tarballs in ${folder}: run \`release.ts pack ${folder}\` first`);
  for (const tarball of tarballs) run("npm", "publish", "--access", "public", join(folder, tarball));
}

function publishable(): { readonly manifest: Manifest }[] {
  return globSync("packages/*/package.json", { cwd: root })
    .map((file) => ({ manifest: JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest }))
    .filter(({ manifest }) => manifest.private !== true);
}

function fail(message: string): never {
  process.stderr.write(`release: ${message}\n`);
  process.exit(2);
}

const [task, folder] = process.argv.slice(2);
if (folder === undefined) fail("expected: pack FOLDER or publish FOLDER");
try {
  if (task === "pack") pack(resolve(folder));
  else if (task === "publish") publish(resolve(folder));
  else fail(`unknown task ${task}: expected pack or publish`);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
