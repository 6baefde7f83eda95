import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../support/requirements.ts";
import type { Daemon } from "./daemon.ts";
import { run } from "./run.ts";

/** A Debian without anything of ours: what the "victim" container runs. */
export const DEBIAN_IMAGE = "falco-efk-test/debian:bookworm";
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** A Debian 12 made by debootstrap in the cache folder; copied, never written to. */
export async function debianRoot(cache: string): Promise<string> {
  const root = join(cache, "bookworm");
  if (existsSync(root)) return root;
  const partial = `${root}.partial`;
  rmSync(partial, { recursive: true, force: true });
  await run("debootstrap", ["--variant=minbase", "bookworm", partial], { timeoutMs: 300_000 });
  renameSync(partial, root);
  return root;
}

/** Puts Node as this process runs it, and npm, into `folder`/usr/local. */
export function copyNode(folder: string): void {
  const local = join(folder, "usr/local");
  mkdirSync(join(local, "bin"), { recursive: true });
  cpSync(process.execPath, join(local, "bin/node"));
  cpSync(findNpm(), join(local, "lib/node_modules/npm"), { recursive: true });
  for (const name of ["npm", "npx"]) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  }
}

/** Imports what stands in for the official images that the Dockerfile and compose.yaml name, under their names. */
export async function importBaseImages(daemon: Daemon, cache: string): Promise<void> {
  const names = readSettings();
  const there = await daemon.docker("images", "--format", "{{.Repository}}:{{.Tag}}");
  const has = (image: string): boolean => there.split("\n").includes(image);
  const root = await debianRoot(cache);
  if (!has(DEBIAN_IMAGE)) await importTree(daemon, DEBIAN_IMAGE, root, []);
  const nodeImage = names.get("NODE_IMAGE") ?? "";
  if (!has(nodeImage)) {
    const tree = mkdtempSync(join(tmpdir(), "falco-efk-node-"));
    await run("cp", ["-a", `${root}/.`, tree]);
    copyNode(tree);
    const certificates = existsSync(CERTIFICATES);
    if (certificates) cpSync(CERTIFICATES, join(tree, CERTIFICATES), { recursive: true });
    await importTree(daemon, nodeImage, tree, [
      ...(certificates ? [`ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES} npm_config_cafile=${CERTIFICATES}`] : []),
      'CMD ["node"]',
    ]);
    rmSync(tree, { recursive: true });
  }
  const redisImage = names.get("REDIS_IMAGE") ?? "";
  if (!has(redisImage)) await installInto(daemon, redisImage, "redis-server", "install -d -o 999 -g 999 /data");
}

/** `docker/.env`. */
export function readSettings(): ReadonlyMap<string, string> {
  const lines = readFileSync(join(ROOT, "docker/.env"), "utf8").split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? ""] as const];
    }),
  );
}

/** Imports a folder as an image of one layer. */
async function importTree(daemon: Daemon, image: string, tree: string, changes: readonly string[]): Promise<void> {
  const tar = join(mkdtempSync(join(tmpdir(), "falco-efk-image-")), "root.tar");
  const skipped = ["./var/cache/apt/archives/*.deb", "./var/cache/apt/*.bin", "./var/lib/apt/lists/*"];
  await run("tar", [
    ...["--numeric-owner", "-cf", tar],
    ...skipped.map((pattern) => `--exclude=${pattern}`),
    ...["-C", tree, "."],
  ]);
  await daemon.docker("import", ...changes.flatMap((change) => ["--change", change]), tar, image);
  rmSync(dirname(tar), { recursive: true });
}

async function installInto(daemon: Daemon, image: string, packages: string, afterwards: string): Promise<void> {
  const name = `falco-efk-make-${process.pid}`;
  const script = `apt-get update -q && apt-get install -yq --no-install-recommends ${packages} && ${afterwards}`;
  await daemon.docker("run", "--name", name, DEBIAN_IMAGE, "sh", "-ec", script);
  await daemon.docker("commit", name, image);
  await daemon.docker("rm", name);
}

/** The npm beside the `npm` program on the path. */
function findNpm(): string {
  for (const folder of (process.env["PATH"] ?? "").split(":")) {
    const program = join(folder, "npm");
    if (existsSync(program)) return join(dirname(realpathSync(program)), "..");
  }
  throw new Error("npm isn't on the path");
}
