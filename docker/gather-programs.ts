/**
 * Puts every program into a folder of its own that runs as it is: `node gather-programs.ts FOLDER` makes FOLDER/engine and
 * so on, each with `cli.js` and a `node_modules` that holds what the program needs and nothing else. Run in the project's
 * folder, after `npm ci` and the builds.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

interface Manifest {
  readonly name: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const PROGRAMS = ["engine", "ship", "bootstrap", "alerts", "store", "console", "generate"];
/** What only a compiler or a reader of sources looks at. */
const UNUSED = /\.(d\.[cm]?ts|map|tsbuildinfo|md|markdown)$/;
const root = resolve(".");

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The folder that `name` is resolved to from `from`, as Node looks for it; null when it isn't installed. */
function findModule(name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === root || folder === dirname(folder)) return null;
  }
}

function copy(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => !UNUSED.test(path) && (path === from || basename(path) !== "node_modules"),
  });
}

/** A package of ours goes by what it publishes, others go whole; each lies where it lay below the project's folder. */
function gather(folder: string, to: string, done: Set<string>): void {
  if (done.has(folder)) return;
  done.add(folder);
  const manifest = readManifest(folder);
  const target = join(to, relative(root, folder));
  if (manifest.name.startsWith("@falco-efk/")) {
    for (const entry of ["package.json", ...(manifest.files ?? [])]) {
      if (existsSync(join(folder, entry))) copy(join(folder, entry), join(target, entry));
    }
  } else copy(folder, target);
  for (const name of Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  })) {
    if (name.startsWith("@falco-efk/")) {
      const neighbour = name.slice("@falco-efk/".length);
      gather(join(root, "packages", neighbour), to, done);
      const link = join(to, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      if (!existsSync(link)) symlinkSync(join("..", "..", "packages", neighbour), link);
      continue;
    }
    const found = findModule(name, folder);
    if (found !== null) gather(found, to, done);
  }
}

const out = resolve(process.argv[2] ?? "out");
if (out.startsWith(`${root}${sep}packages`)) throw new Error("the target must lie outside packages/");
for (const program of PROGRAMS) {
  const to = join(out, program);
  mkdirSync(to, { recursive: true });
  gather(join(root, "packages", program), to, new Set());
  symlinkSync(join("packages", program, "dist", "cli.js"), join(to, "cli.js"));
  for (const shared of ["rules", "kibana-saved-objects"]) {
    const needed = (shared === "rules" && program === "engine") || (shared !== "rules" && program === "bootstrap");
    if (needed) copy(join(root, shared), join(to, shared));
  }
  for (const text of ["LICENSE", "NOTICE"]) copy(join(root, text), join(to, text));
}
