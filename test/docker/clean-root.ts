import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyNode, debianRoot } from "./base-images.ts";
import { run } from "./run.ts";

/** A Debian of its own with Node, npm and the installed tarballs: no compiler, nothing of this repository. */
export interface CleanRoot {
  readonly folder: string;
  /** Runs a command inside, with /proc, /sys and /dev of this machine. */
  run(...command: readonly string[]): Promise<string>;
  /** Starts one; `ready` settles with what it has printed once `wanted` is among it. */
  start(...command: readonly string[]): RunningCommand;
  remove(): void;
}

export interface RunningCommand {
  /** Settles with all output so far once `wanted` is in it; rejects when the command ends before. */
  printed(wanted: RegExp): Promise<string>;
  stop(): Promise<void>;
}

const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
/** The mounts live in a namespace of the command's own, so none is left behind. */
const ENTER = `for i in proc sys dev; do mount --rbind /$i "$0/$i"; done; exec chroot "$0" "$@"`;

/** Makes the root and installs every tarball of `tarballs` into it with `npm i -g`. */
export async function makeCleanRoot(cache: string, tarballs: string): Promise<CleanRoot> {
  const folder = mkdtempSync(join(tmpdir(), "falco-efk-root-"));
  await run("cp", ["-a", `${await debianRoot(cache)}/.`, folder]);
  copyNode(folder);
  cpSync("/etc/resolv.conf", join(folder, "etc/resolv.conf"));
  if (existsSync(CERTIFICATES)) cpSync(CERTIFICATES, join(folder, CERTIFICATES), { recursive: true });
  mkdirSync(join(folder, "tarballs"));
  cpSync(tarballs, join(folder, "tarballs"), { recursive: true });
  const enter = (command: readonly string[]): string[] => ["--mount", "sh", "-ec", ENTER, folder, ...command];
  const environment = {
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    npm_config_cafile: CERTIFICATES,
    // The npm that runs the tests tells its children its own.
    npm_config_prefix: "/usr/local",
    npm_config_global_prefix: "/usr/local",
    HOME: "/root",
  };
  const root: CleanRoot = {
    folder,
    run: (...command) => run("unshare", enter(command), { environment, timeoutMs: 300_000 }),
    start: (...command) => start(enter(command), environment),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  const files = readdirSync(tarballs).map((name) => `/tarballs/${name}`);
  await root.run("npm", "install", "--global", "--no-audit", "--no-fund", "--ignore-scripts", ...files);
  return root;
}

function start(args: readonly string[], environment: Readonly<Record<string, string>>): RunningCommand {
  const child = spawn("unshare", args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const listeners = new Set<() => void>();
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  return {
    printed(wanted) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (!wanted.test(output)) return;
          listeners.delete(look);
          resolve(output);
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended without printing ${wanted}: ${output.slice(-2000)}`)));
      });
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
