import {
  type Command,
  createCommand,
  InvalidArgumentError,
  packageVersion,
  shutdownSignal,
  UserError,
} from "@falco-efk/kit";
import type { RuleSet } from "./action.ts";
import { ACTIONS, UNPROVOKED } from "./actions/index.ts";
import { chooseActions, type Outcome, perform } from "./generate.ts";

interface RunOptions {
  readonly all?: true;
  readonly rules: RuleSet;
  readonly loop?: true;
  readonly pause: number;
  readonly json?: true;
}

/** The program `falco-generate`. */
export function generateCommand(): Command {
  const command = createCommand(
    "falco-generate",
    "Performs, harmlessly, what the rules detect: temporary files, loopback and documentation addresses, all cleaned up.",
    packageVersion(import.meta.url),
  );
  command
    .command("list")
    .description("list the actions and the rule each should fire")
    .option("--json", "as JSON")
    .action((options: { json?: true }) => list(options.json === true));
  command
    .command("run")
    .description("perform the actions for the named rules, or all")
    .argument("[rules...]", "rule names, as in the rule file")
    .option("--all", "every action for a rule of the set")
    .option(
      "--rules <set>",
      "the set that --all means: default (ours) or stock (Falco's project's)",
      ruleSet,
      "default",
    )
    .option("--loop", "again and again, until interrupted")
    .option("--pause <ms>", "milliseconds between two actions", wholeNumber, 100)
    .option("--json", "one JSON object a line")
    .action((rules: string[], options: RunOptions) => runActions(rules, options));
  return command;
}

function list(json: boolean): void {
  if (json) {
    const actions = ACTIONS.map(({ rule, sets, summary, needs }) => ({ rule, sets, summary, needs }));
    process.stdout.write(`${JSON.stringify({ actions, unprovoked: UNPROVOKED }, null, 2)}\n`);
    return;
  }
  const width = Math.max(...[...ACTIONS, ...UNPROVOKED].map((entry) => entry.rule.length));
  const write = (rule: string, sets: readonly RuleSet[], text: string): void => {
    process.stdout.write(`${rule.padEnd(width)}  ${sets.join(" + ").padEnd(15)}  ${text}\n`);
  };
  for (const { rule, sets, summary, needs } of ACTIONS) {
    write(rule, sets, `${summary}${needs.length > 0 ? ` [${needs.join(", ")}]` : ""}`);
  }
  for (const { rule, sets, reason } of UNPROVOKED) write(rule, sets, `not performed: ${reason}`);
}

async function runActions(rules: readonly string[], options: RunOptions): Promise<void> {
  if (rules.length === 0 && options.all === undefined) {
    throw new UserError("no rule is named", { code: "NOTHING_TO_DO", hint: "name rules, or give --all" });
  }
  const actions =
    options.all === true ? ACTIONS.filter((action) => action.sets.includes(options.rules)) : chooseActions(rules);
  const run = { pauseMs: options.pause, loop: options.loop === true, signal: shutdownSignal() };
  for await (const outcome of perform(actions, run)) {
    process.stdout.write(options.json === true ? `${JSON.stringify(outcome)}\n` : `${line(outcome)}\n`);
    if (outcome.status === "failed") process.exitCode = 1;
  }
}

function line(outcome: Outcome): string {
  const time = new Date(outcome.at).toISOString().slice(11, 23);
  return `${time} ${outcome.status.padEnd(9)} ${outcome.rule}${outcome.reason === "" ? "" : `: ${outcome.reason}`}`;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("a whole number of milliseconds is expected.");
  return Number(text);
}

function ruleSet(text: string): RuleSet {
  if (text === "default" || text === "stock") return text;
  throw new InvalidArgumentError("default or stock is expected.");
}
