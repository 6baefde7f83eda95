import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { UserError } from "@falco-efk/kit";
import { type ProgramName, programArguments, programEnvironment } from "./programs.ts";

/** A running program of the suite. */
export interface Child {
  readonly name: ProgramName;
  readonly pid: number;
  /** Settles when the process has ended, with its exit code (a signal counts as 128 + its number). */
  readonly ended: Promise<number>;
  /** Asks it to end, and makes it end when it hasn't after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export interface ChildOptions {
  /** Its standard output and error go here, appended. */
  readonly logFile: string;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Starts a program in a process group of its own, so that a Ctrl-C at the terminal reaches it only through us, in order; it ends
 * when this process does (leash.ts).
 */
export function startChild(name: ProgramName, args: readonly string[], options: ChildOptions): Child {
  const log = openSync(options.logFile, "a", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [...programArguments(name), ...args], {
      stdio: ["ignore", log, log, "ipc"],
      detached: true,
      env: { ...process.env, ...programEnvironment(name) },
    });
  } finally {
    closeSync(log);
  }
  child.channel?.unref();
  const { pid } = child;
  if (pid === undefined) throw new UserError(`${name} could not be started`, { code: "START" });
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? 128 + (SIGNAL_NUMBERS[signal ?? ""] ?? 0)));
  });
  return {
    name,
    pid,
    ended,
    async stop(graceMs) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Runs a program to its end. Throws UserError (`PROGRAM_FAILED`) with its last words when it fails. */
export async function runChild(name: ProgramName, args: readonly string[], options: ChildOptions): Promise<void> {
  const code = await startChild(name, args, options).ended;
  if (code !== 0) throw failure(name, code, options.logFile);
}

/** What to tell when a program ended that should not have: its own last line says why. */
export function failure(name: ProgramName, code: number, logFile: string): UserError {
  return new UserError(lastWords(name, logFile), {
    code: "PROGRAM_FAILED",
    hint: `${name} ended with code ${code}; its log is ${logFile}`,
  });
}

/** The last line that is the program's own word, not a line of a stack trace. */
function lastWords(name: string, logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  const own = lines.findLast((line) => line.startsWith(`${name}: `)) ?? lines.at(-1) ?? "";
  return own === "" ? `${name} ended without a word` : own;
}
