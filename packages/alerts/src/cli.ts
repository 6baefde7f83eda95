#!/usr/bin/env node
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  type Command,
  createCommand,
  createLogger,
  InvalidArgumentError,
  isMain,
  main,
  packageVersion,
  shutdownSignal,
} from "@falco-efk/kit";
import { Alerter } from "./alerter.ts";
import { type AlertsConfig, loadConfig } from "./config/load-config.ts";
import { composeMessage, plainText } from "./deliver/message.ts";
import { readSecrets } from "./keystore.ts";
import { formatDuration } from "./rules/duration.ts";
import { formatWhen } from "./rules/when.ts";
import { startAlerts } from "./start-alerts.ts";
import { lockState } from "./state/lock-state.ts";
import { notificationsOf } from "./watch/notifications.ts";

interface Flags {
  readonly config: string;
  readonly state: string;
  readonly keystore: string;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The program's command line. */
export function createAlertCommand(): Command {
  const program = createCommand(
    "falco-alert",
    "Watch the events in Elasticsearch and tell people: Slack, webhooks, mail.",
    packageVersion(import.meta.url),
  );
  withOptions(program.command("run"), "evaluate the rules for good and serve the API").action(run);
  withOptions(program.command("check"), "read alerts.yml and say what it holds").action((flags: Flags) =>
    check(configOf(flags)),
  );
  withOptions(program.command("once"), "evaluate every rule once, deliver, and end")
    .option("--dry-run", "print what would be sent; keep and send nothing")
    .action((flags: Flags & { dryRun?: boolean }) => evaluateOnce(flags, flags.dryRun === true));
  withOptions(program.command("test <name>"), "send a sample message of a rule now").action(sendSample);
  withOptions(program.command("history"), "what was sent, to whom, and with what result")
    .option("--limit <n>", "how many, newest first", limit, 20)
    .option("--rule <name>", "of this rule only")
    .action(showHistory);
  return program;
}

function withOptions(command: Command, description: string): Command {
  return command
    .description(description)
    .option("-c, --config <file>", "the rules and recipients", "alerts.yml")
    .option("--state <file>", "what is remembered across restarts", "falco-alert.db")
    .option("--keystore <file>", "secrets by name; the environment is asked next", "falco-efk.keystore");
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("A number from 1 to 9999 is expected.");
  return Number(text);
}

function configOf(flags: Flags): AlertsConfig {
  const secrets = readSecrets(flags.keystore);
  return loadConfig(flags.config, (name) => secrets[name] ?? process.env[name]);
}

async function run(flags: Flags): Promise<void> {
  const logger = createLogger("falco-alert");
  const running = await startAlerts({ config: configOf(flags), stateFile: flags.state, logger });
  logger.info({ rules: running.alerter.list().length, api: running.url }, "watching");
  await once(shutdownSignal(), "abort");
  await running.close();
}

function check(config: AlertsConfig): void {
  print(`${config.target.url} ${config.target.index}, every ${formatDuration(config.intervalMs / 1000)}`);
  for (const { name, condition, source } of config.rules) {
    const filter = [
      source.priority === undefined ? "" : `, ${source.priority} and above`,
      source.filter === undefined ? "" : `, ${source.filter}`,
    ];
    print(`  ${name}: ${formatWhen(condition)}${filter.join("")} → ${source.recipients.join(", ")}`);
  }
  print(`${counted(config.rules.length, "rule")}, ${counted(Object.keys(config.recipients).length, "recipient")}.`);
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

async function evaluateOnce(flags: Flags, dryRun: boolean): Promise<void> {
  const config = configOf(flags);
  const logger = createLogger("falco-alert", { level: "warn" });
  // A dry run starts from what is remembered, and makes no file where nothing is.
  const stateFile = dryRun && !existsSync(flags.state) ? ":memory:" : flags.state;
  await using alerter = new Alerter({ config, stateFile, logger });
  // Let go by the kernel when the program ends.
  if (!dryRun) await lockState(stateFile);
  for (const { rule, evaluation } of await alerter.evaluateAll(dryRun)) {
    const { error, value } = evaluation.memory;
    print(`${rule.name}: ${error ?? `${value ?? 0}`}${evaluation.fired.length === 0 ? "" : ", fires"}`);
    if (error !== null) process.exitCode = 1;
    for (const notification of notificationsOf(rule, evaluation, Date.now())) {
      const text = plainText(composeMessage({ ...notification, id: 0 }, config.kibanaUrl));
      print(`  ${dryRun ? "would go" : "goes"} to ${rule.source.recipients.join(", ")}:`);
      for (const line of text.split("\n")) print(`    ${line}`);
    }
  }
  if (!dryRun) print(`${await alerter.deliverDue()} sent.`);
}

async function sendSample(name: string, flags: Flags): Promise<void> {
  const logger = createLogger("falco-alert", { level: "silent" });
  await using alerter = new Alerter({ config: configOf(flags), stateFile: flags.state, logger });
  for (const { recipient, state, error } of await alerter.sample(name)) {
    print(state === "sent" ? `${recipient}: sent` : `${recipient}: not sent: ${error}`);
    if (state !== "sent") process.exitCode = 1;
  }
}

async function showHistory(flags: Flags & { limit: number; rule?: string }): Promise<void> {
  const config = configOf(flags);
  const logger = createLogger("falco-alert", { level: "silent" });
  await using alerter = new Alerter({ config, stateFile: flags.state, logger });
  const entries = alerter.store.history({
    limit: flags.limit,
    ...(flags.rule === undefined ? {} : { rule: flags.rule }),
  });
  if (entries.length === 0) print("Nothing was sent yet.");
  for (const { notification, deliveries } of entries) {
    const { title, lines } = composeMessage(notification, null);
    print(`${new Date(notification.time).toISOString()} ${title}`);
    for (const line of lines) print(`  ${line}`);
    for (const { recipient, state, attempts, error } of deliveries) {
      print(
        `  ${recipient}: ${state} after ${attempts} ${attempts === 1 ? "try" : "tries"}${error === null ? "" : ` (${error})`}`,
      );
    }
  }
}

if (isMain(import.meta.url)) await main(createAlertCommand());
