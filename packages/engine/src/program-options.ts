import { type Command, createCommand, InvalidArgumentError, Option } from "@falco-efk/kit";
import type { ListFormat } from "./commands/list-fields.ts";
import { versionText } from "./versions.ts";

/** What the command line asks for, as commander has read it. Names follow Falco's options. */
export interface ProgramOptions {
  readonly c?: string;
  readonly r?: readonly string[];
  readonly option?: readonly string[];
  readonly validate?: readonly string[];
  readonly L?: boolean;
  readonly l?: string;
  readonly M?: number;
  readonly pidfile?: string;
  readonly unbuffered?: boolean;
  readonly v?: boolean;
  readonly dryRun?: boolean;
  /** True without a source. */
  readonly list?: boolean | string;
  readonly listEvents?: boolean;
  readonly N?: boolean;
  readonly format?: ListFormat;
  readonly markdown?: boolean;
  readonly support?: boolean;
  readonly configSchema?: boolean;
  readonly ruleSchema?: boolean;
  readonly pageSize?: boolean;
  readonly e?: string;
  readonly capture?: string;
  readonly pushdown: boolean;
  readonly maxRss?: string;
  readonly json?: boolean;
  readonly ignoreProcess?: readonly number[];
}

function each(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(value);
}

/** The command `falco-engine` with its options, which mean what they mean in Falco; no actions yet. */
export function createEngineCommand(): Command {
  return createCommand("falco-engine", "Detects with Falco's rules what happens on a Linux host.", versionText())
    .usage("[options]")
    .option("-c <path>", "configuration file (default: /etc/falco/falco.yaml if it is there, else built-in defaults)")
    .option("-r <rules_file>", "rules file or folder, in the place of the configuration's; repeatable", each)
    .option("-o, --option <key=value>", "set a configuration key, such as file_output.enabled=true; repeatable", each)
    .option("-e <capture_file>", "replay a capture instead of watching the kernel")
    .option("--capture <file>", "record what is seen into a capture")
    .option("-M <num_seconds>", "stop after so many seconds", wholeNumber)
    .option("-V, --validate <rules_file>", "check rules files and exit; repeatable", each)
    .option("--dry-run", "load everything, then exit without watching")
    .option("-L", "list the rules and exit")
    .option("-l <rule>", "describe one rule and exit")
    .option("--list [source]", "list the fields and exit")
    .option("--list-events", "list the event types and exit")
    .option("-N", "with --list: names only")
    .addOption(new Option("--format <format>", "with --list and --list-events").choices(["text", "markdown", "json"]))
    .addOption(new Option("--markdown", "the same as --format markdown").hideHelp())
    .option("--json", "JSON where a listing or check has it (-L, -l, -V, --list, explain, why, test, doctor)")
    .option("-P, --pidfile <pid_file>", "write the process id to this file")
    .option("-U, --unbuffered", "never gather lines before writing them")
    .option("-v", "log more")
    .option("--support", "print versions, configuration and rules as JSON and exit")
    .option("--config-schema", "print the JSON Schema of the configuration and exit")
    .option("--rule-schema", "print the JSON Schema of rules files and exit")
    .option("--page-size", "print the system's page size and exit")
    .option("--no-pushdown", "read every event of the wanted types, live or of a capture")
    .option("--max-rss <size>", "stay below this memory, such as 160M: details go before alerts do (engine.max_rss)")
    .addOption(
      new Option("--ignore-process <pid>", "never alert on this process, told by pid and start time; repeatable")
        .argParser((value: string, before: readonly number[] | undefined) => [...(before ?? []), wholeNumber(value)])
        .hideHelp(),
    );
}
