#!/usr/bin/env node
import { readFileSync } from "node:fs";
import {
  type Command,
  createCommand,
  describeSystemError,
  InvalidArgumentError,
  isMain,
  main,
  Option,
  packageVersion,
  shutdownSignal,
  UserError,
} from "@falco-efk/kit";
import { bootstrap, destroyBootstrap, planBootstrap, planDestroy, type Report } from "./bootstrap.ts";
import { exportToFolder } from "./export-objects.ts";
import { readKeystore } from "./keystore-file.ts";
import type { BootstrapOptions, Credentials } from "./options.ts";
import { isChange } from "./plan/resource.ts";
import { describeServers, describeSteps, summarize } from "./print-report.ts";

interface Flags {
  readonly elasticsearch: string;
  readonly kibana?: string;
  readonly user?: string;
  readonly ca?: string;
  readonly space: string;
  readonly objects?: string;
  readonly keystore: string;
  readonly keep: number;
  readonly shards: number;
  readonly templatePriority: number;
  readonly dataStream?: boolean;
  readonly slack?: boolean;
  readonly threshold: number;
  readonly window: number;
  readonly force?: boolean;
  readonly wait: number;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The program's command line. */
export function createBootstrapCommand(): Command {
  const program = createCommand(
    "falco-bootstrap",
    "Install what the events need in Elasticsearch and Kibana: templates, lifecycle, keys, data view, pies, dashboard.",
    packageVersion(import.meta.url),
  );
  withOptions(program.command("plan"), "say what apply would do and why; changes nothing").action(
    async (flags: Flags) => {
      const report = await planBootstrap(await optionsOf(flags));
      show(report, "future", false);
    },
  );
  withOptions(program.command("apply"), "install what is missing or outdated; a second run changes nothing").action(
    async (flags: Flags) => {
      const report = await bootstrap(await optionsOf(flags));
      show(report, "past", false);
      if (flags.slack === true) requireSlack(report);
    },
  );
  withOptions(program.command("diff"), "show where what is there differs from ours").action(async (flags: Flags) => {
    const report = await planBootstrap(await optionsOf(flags));
    const steps = report.steps.filter((step) => step.state !== "same" && step.state !== "unavailable");
    for (const line of describeSteps(steps, "future", true)) print(line);
    print(steps.length === 0 ? "No difference." : summarize(steps, "future"));
    if (steps.length > 0) process.exitCode = 1;
  });
  withOptions(program.command("destroy"), "remove what apply has installed; never an index or an event")
    .option("--yes", "do it; without this it only says what it would remove")
    .action(async (flags: Flags & { yes?: boolean }) => {
      const options = await optionsOf(flags);
      const report = flags.yes === true ? await destroyBootstrap(options) : await planDestroy(options);
      show(report, flags.yes === true ? "past" : "future", false);
      if (flags.yes !== true && report.steps.some(isChange)) print("Nothing was removed: add --yes to do it.");
    });
  withOptions(program.command("export"), "write Kibana's present form of our saved objects as NDJSON")
    .requiredOption("--out <dir>", "folder to write to")
    .action(async (flags: Flags & { out: string }) => {
      const { files, missing } = await exportToFolder(await optionsOf(flags), flags.out);
      for (const file of files) print(file);
      if (missing.length > 0) print(`Kibana doesn't have: ${missing.join(", ")}`);
    });
  return program;
}

function show(report: Report, tense: "future" | "past", details: boolean): void {
  for (const line of describeServers(report)) print(line);
  for (const line of describeSteps(report.steps, tense, details)) print(line);
  print(summarize(report.steps, tense));
  if (report.steps.some((step) => step.action === "keep" && step.differences !== undefined))
    print("What was kept differs from ours: see diff, or replace it with --force.");
}

/** What was asked for by name and can't be had isn't a skip that may be overlooked. Throws UserError (`LICENCE`). */
function requireSlack({ steps }: Report): void {
  const slack = steps.filter(({ kind }) => kind === "watch" || kind === "Kibana rule");
  if (slack.some(({ action }) => action !== "skip")) return;
  throw new UserError(`--slack: neither a watch nor a Kibana rule could be installed: ${slack[0]?.reason}`, {
    code: "LICENCE",
    hint: "everything else is installed; leave --slack out and start falco-alert",
  });
}

function withOptions(command: Command, description: string): Command {
  return command
    .description(description)
    .option("--elasticsearch <url>", "Elasticsearch, OpenSearch or the embedded store", "http://127.0.0.1:9200")
    .option("--kibana <url>", "Kibana, OpenSearch Dashboards or the console (default: none)")
    .addOption(new Option("--user <name>", "log in by this name; the password is ELASTIC_PASSWORD").env("ELASTIC_USER"))
    .option("--ca <file>", "certificates to trust, PEM")
    .option("--space <name>", "Kibana's space", "default")
    .option("--objects <dir>", "folder of *.ndjson (default: the suite's own)")
    .option("--keystore <file>", "where the API keys' secrets go, and secrets come from", "falco-efk.keystore")
    .option("--keep <days>", "days after which events are deleted", whole(1), 30)
    .option("--shards <n>", "primary shards of an index", whole(1), 1)
    .option("--template-priority <n>", "the index template's priority", whole(0), 300)
    .option("--data-stream", "install the data stream falco-events too")
    .option("--slack", "install Watcher's watch and Kibana's rule too, where the licence allows it")
    .option("--threshold <events>", "their threshold", whole(0), 1000)
    .option("--window <minutes>", "their window", whole(1), 5)
    .option("--force", "replace what somebody else has changed")
    .option("--wait <seconds>", "how long to wait for each server", whole(0), 120);
}

function whole(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum)
      throw new InvalidArgumentError(`A whole number from ${minimum} on is expected.`);
    return value;
  };
}

async function optionsOf(flags: Flags): Promise<BootstrapOptions> {
  const secrets = await readKeystore(flags.keystore);
  const secret = (name: string): string | undefined => secrets[name] ?? process.env[name];
  return {
    elasticsearch: flags.elasticsearch,
    kibana: flags.kibana ?? null,
    credentials: credentialsOf(flags.user, secret),
    ...(flags.ca === undefined ? {} : { ca: readCa(flags.ca) }),
    space: flags.space,
    ...(flags.objects === undefined ? {} : { objects: flags.objects }),
    keystore: flags.keystore,
    keepDays: flags.keep,
    shards: flags.shards,
    templatePriority: flags.templatePriority,
    dataStream: flags.dataStream === true,
    slack: flags.slack === true,
    slackWebhookUrl: secret("SLACK_WEBHOOK_URL") ?? null,
    threshold: { count: flags.threshold, windowMinutes: flags.window },
    force: flags.force === true,
    waitMs: flags.wait * 1000,
    progress: progressLine,
    signal: shutdownSignal(),
  };
}

function credentialsOf(user: string | undefined, secret: (name: string) => string | undefined): Credentials | null {
  const apiKey = secret("ELASTIC_API_KEY");
  const password = secret("ELASTIC_PASSWORD");
  if (apiKey !== undefined && user === undefined) return { apiKey };
  if (password !== undefined) return { user: user ?? "elastic", password };
  if (user === undefined) return null;
  throw new UserError(`no password for ${user}`, { code: "USAGE", hint: "set ELASTIC_PASSWORD" });
}

function readCa(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "FILE_READ", file, cause: error });
  }
  // TLS would take such a file for an empty list and then blame the server's certificate.
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw new UserError("holds no certificate", { code: "FILE_READ", file, hint: "a PEM file is expected" });
  return text;
}

/** On a terminal one line that is written over; elsewhere a line each ten seconds. */
function progressLine(waitingFor: string, seconds: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kwaiting: ${waitingFor} (${seconds} s)`);
  else if (seconds % 10 === 0) process.stderr.write(`waiting: ${waitingFor} (${seconds} s)\n`);
}

if (isMain(import.meta.url)) await main(createBootstrapCommand());
