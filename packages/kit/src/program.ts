import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { describeSystemError, describeUserError, systemErrorCode, UserError } from "./errors.ts";
import { withCommit } from "./version.ts";

export { Command, InvalidArgumentError, Option } from "commander";

/** A program with the suite's manners: `--version`, sorted help, one-line errors. Add options and actions, then `runCommand`. */
export function createCommand(name: string, description: string, version: string): Command {
  return new Command(name)
    .description(description)
    .version(withCommit(version), "--version", "print the version and exit")
    .helpOption("-h, --help", "print this help and exit")
    .configureHelp({ sortSubcommands: false })
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${name}: ${text.replace(/^error: /, "")}`) });
}

/**
 * Parses the arguments and runs the action. Answers the exit code: 0, what the action set, or the error's.
 * A UserError or system error prints one line, and so does an action that `shutdownSignal` has broken off (130); anything else
 * is a defect and prints its stack. `hide` goes over that text: it takes secrets out.
 */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  hide: (text: string) => string = (text) => text,
): Promise<number> {
  try {
    await command.parseAsync([...argv], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (error instanceof Error && error.name === "AbortError") {
      process.stderr.write(`${command.name()}: stopped before it was done\n`);
      return 130;
    }
    process.stderr.write(`${command.name()}: ${hide(describeFailure(error))}\n`);
    return error instanceof UserError ? error.exitCode : 1;
  }
}

/** One line for what a user can mend, the stack for a defect of ours. */
export function describeFailure(error: unknown): string {
  if (error instanceof UserError) return describeUserError(error);
  if (systemErrorCode(error) !== null && error instanceof Error && "syscall" in error) {
    const subject = "path" in error ? `${String(error.path)}: ` : "";
    return `${subject}${describeSystemError(error)}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** 128 and the number of SIGPIPE. */
const PIPE_CLOSED = 141;

/** True when the module at `url` (`import.meta.url`) is the program that node was started with, links included. */
export function isMain(url: string): boolean {
  const started = process.argv[1];
  if (started === undefined) return false;
  try {
    return realpathSync(started) === realpathSync(fileURLToPath(url));
  } catch {
    return false;
  }
}

/** Runs `command` as the process's main program and ends the process with its exit code once output is flushed. */
export async function main(command: Command, hide?: (text: string) => string): Promise<void> {
  // Who reads the output has had enough, as `head` has: an end like that of other programs, not a defect.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(PIPE_CLOSED);
    throw error;
  });
  process.exitCode = await runCommand(command, process.argv.slice(2), hide);
}
