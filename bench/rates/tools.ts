import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The compiled helpers: `load` makes events, `follow` sees alerts. */
export interface Tools {
  /** Opens a file so often a second, on a processor of its own; answers what was reached. */
  load(file: string, perSecond: number, seconds: number): Promise<Load>;
  /** Looks at a file of alerts until it is stopped. */
  follow(file: string): Follower;
}

/** What the generator reached. */
export interface Load {
  readonly opens: number;
  readonly seconds: number;
}

/** When an alert was seen in the file and when its event was, milliseconds since the epoch. */
export interface Sighting {
  readonly seen: number;
  readonly event: number;
}

export interface Follower {
  stop(): Promise<readonly Sighting[]>;
}

/** With two processors or more the engine has the first one, and what makes and sees events the last one. */
const apart = cpus().length > 1;
const LAST = String(cpus().length - 1);

/** Puts all threads of a process on the first processor. */
export function keepToFirst(pid: number): void {
  if (apart) execFileSync("taskset", ["-apc", "0", String(pid)], { stdio: "ignore" });
}

/** A command line that stays on the last processor. */
function pinned(command: readonly string[]): readonly [string, ...string[]] {
  const [program = "", ...rest] = apart ? ["taskset", "-c", LAST, ...command] : command;
  return [program, ...rest];
}

/** Compiles the helpers into a folder. */
export function buildTools(folder: string): Tools {
  const programs = ["load", "follow"].map((name) => {
    const program = join(folder, name);
    execFileSync("cc", ["-O2", "-Wall", "-o", program, join(import.meta.dirname, `${name}.c`)]);
    return program;
  });
  const [load = "", follow = ""] = programs;
  return {
    async load(file, perSecond, seconds) {
      const [program, ...rest] = pinned([load, file, String(perSecond), String(seconds)]);
      const { stdout } = await run(program, rest);
      return JSON.parse(stdout) as Load;
    },
    follow(file) {
      const [program, ...rest] = pinned([follow, file]);
      const child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
      const chunks: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
      const ended = once(child, "close");
      return {
        async stop() {
          child.stdin.end();
          await ended;
          return Buffer.concat(chunks).toString().trim().split("\n").filter(Boolean).map(sighting);
        },
      };
    },
  };
}

function sighting(line: string): Sighting {
  const [seen = "", event = ""] = line.split(" ");
  return { seen: Number(BigInt(seen) / 1000n) / 1000, event: Number(BigInt(event) / 1000n) / 1000 };
}
