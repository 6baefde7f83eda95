#!/usr/bin/env node
import "./small-heap.ts";

import { type Command, createCommand, freeMemoryWhenIdle, isMain, main, Option, packageVersion } from "@falco-efk/kit";
import { addDeadLetterCommands } from "./commands/dlq.ts";
import { addExportCommands } from "./commands/export.ts";
import { addImportCommand } from "./commands/import.ts";
import { addKeystoreCommands } from "./commands/keystore.ts";
import { addQueueCommands } from "./commands/queue.ts";
import { type Loaded, runShipper } from "./commands/run.ts";
import { showStatus } from "./commands/status.ts";
import { testConfig, testOutput } from "./commands/test.ts";
import type { ShipConfig } from "./config/config.ts";
import { readKeystore } from "./config/keystore.ts";
import { loadConfig } from "./config/load.ts";
import { Redactor } from "./config/secrets.ts";
import type { ShipperRole } from "./shipper.ts";

/** The command line of `falco-ship`. `secrets` learns what must not be shown. */
export function shipCommand(secrets: Redactor = new Redactor()): Command {
  const program = createCommand(
    "falco-ship",
    "Ships alerts to Elasticsearch and loses nothing.",
    packageVersion(import.meta.url),
  );
  program
    .option("-c, --config <file>", "configuration", "ship.yml")
    .option(
      "-E, --set <key=value>",
      "set a configuration value; may stand several times",
      (value, all: string[] = []) => [...all, value],
    )
    .option("--keystore <file>", "secrets for ${NAME}, before the environment's", "falco-efk.keystore");
  const load = (): Loaded => {
    const { config: file, set, keystore } = program.opts<{ config: string; set?: string[]; keystore: string }>();
    const stored = readKeystore(keystore);
    secrets.add(Object.values(stored));
    let ignored: readonly string[] = [];
    const config = loadConfig(file, {
      lookup: (name) => (Object.hasOwn(stored, name) ? stored[name] : process.env[name]),
      overrides: set ?? [],
      secrets: (found) => secrets.add(found),
      ignored: (keys) => {
        ignored = keys;
      },
    });
    return { config, ignored };
  };
  const config = (): ShipConfig => load().config;
  program
    .command("run", { isDefault: true })
    .description("ship until stopped (the default)")
    .addOption(
      new Option("--role <role>", "which end of a shared queue to be")
        .choices(["harvest", "work", "both"])
        .default("both"),
    )
    .action(({ role }: { role: ShipperRole }) =>
      runShipper(load, { file: program.opts<{ config: string }>().config, role, hide: secrets.hide }),
    );
  const test = program.command("test").description("check the configuration or the connection");
  test
    .command("config")
    .description("check the configuration")
    .action(() => testConfig(load(), program.opts<{ config: string }>().config));
  test
    .command("output")
    .description("connect to the output")
    .action(() => testOutput(config(), secrets.hide));
  program
    .command("status")
    .description("show files, offsets and lag; again and again on a terminal, until Ctrl-C")
    .option("--json", "as JSON, once")
    .option("--once", "once, on a terminal too")
    .action((options: { json?: boolean; once?: boolean }) => showStatus(config(), options));
  addDeadLetterCommands(program, config, secrets.hide);
  addQueueCommands(program, config);
  addExportCommands(program, config, secrets.hide);
  addImportCommand(program);
  addKeystoreCommands(program, () => program.opts<{ keystore: string }>().keystore);
  return program;
}

if (isMain(import.meta.url)) {
  freeMemoryWhenIdle();
  const secrets = new Redactor();
  await main(shipCommand(secrets), secrets.hide);
}
