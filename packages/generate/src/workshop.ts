import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { UserError } from "@falco-efk/kit";
import { enterContainer, makeContainerCgroups, removeCgroups } from "./container.ts";

/** Where an action works: a folder of its own, programs under other names, a make-believe container; all gone at the end. */
export interface Workshop {
  /** A fresh temporary folder. */
  readonly folder: string;
  /** A name nobody else has, for files that must lie outside the folder. */
  readonly uniqueName: string;
  /** Copies a program of this machine under another name, in the folder or the one given, and answers the copy's path. */
  copyProgram(program: string, name: string, folder?: string): Promise<string>;
  /** Runs a program to its end; rejects with what it printed on standard error when it fails. */
  run(program: string, ...args: string[]): Promise<void>;
  /** Gives a Perl program to perl: raw system calls that no shell can make. */
  perl(program: string, ...args: string[]): Promise<void>;
  /** The same inside a make-believe container: a pid and a mount namespace, and a cgroup named as Docker names them. */
  runInContainer(program: string, ...args: string[]): Promise<void>;
  /** Perl in a make-believe container. */
  perlInContainer(program: string, ...args: string[]): Promise<void>;
  /** Makes sure that a path is gone at the end. */
  removeAfterwards(path: string): string;
  /** Makes a folder that is gone at the end. */
  makeFolder(path: string): Promise<string>;
}

/** Opens a workshop, lets `work` use it and cleans up, however `work` ended. */
export async function withWorkshop(work: (workshop: Workshop) => Promise<void>): Promise<void> {
  const uniqueName = `falco-generate-${randomBytes(6).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "falco-generate-"));
  const leftovers = [folder];
  const cgroups: string[] = [];
  const removeAfterwards = (path: string): string => {
    leftovers.push(path);
    return path;
  };
  const workshop: Workshop = {
    folder,
    uniqueName,
    removeAfterwards,
    async copyProgram(program, name, target = folder) {
      const copy = join(target, name);
      await copyFile(findProgram(program), removeAfterwards(copy));
      return copy;
    },
    run: (program, ...args) => runToEnd(program, args),
    perl: (program, ...args) => runToEnd("perl", ["-e", program, ...args]),
    perlInContainer: (program, ...args) => workshop.runInContainer("perl", "-e", program, ...args),
    async runInContainer(program, ...args) {
      if (cgroups.length === 0) cgroups.push(...(await makeContainerCgroups(randomBytes(32).toString("hex"))));
      const [entry = "", ...rest] = enterContainer(cgroups, [findProgram(program), ...args]);
      await runToEnd(entry, rest);
    },
    async makeFolder(path) {
      await mkdir(removeAfterwards(path));
      return path;
    },
  };
  try {
    await work(workshop);
  } finally {
    for (const path of leftovers.reverse()) await rm(path, { recursive: true, force: true });
    await removeCgroups(cgroups);
  }
}

function findProgram(program: string): string {
  if (program.includes("/")) return program;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder: look in the next.
    }
  }
  throw new UserError(`the program ${basename(program)} is not on this machine`, { code: "PROGRAM_MISSING" });
}

function runToEnd(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(findProgram(program), args, { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-500);
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${basename(program)} ended with ${signal ?? `code ${code}`}: ${complaint.trim()}`));
    });
  });
}
