#!/usr/bin/env node
import "./small-heap.ts";

import {
  type Command,
  createCommand,
  createLogger,
  isMain,
  main,
  Option,
  packageVersion,
  shutdownSignal,
} from "@falco-efk/kit";
import { addDeadLetterCommands } from "./commands/dlq.ts";
import { addQueueCommands } from "./commands/queue.ts";
import { showStatus } from "./commands/status.ts";
import { testConfig, testOutput } from "./commands/test.ts";
import type { ShipConfig } from "./config/config.ts";
import { loadConfig } from "./config/load.ts";
import { createShipper, type ShipperRole } from "./shipper.ts";

/** The command line of `falco-ship`. */
export function shipCommand(): Command {
  const program = createCommand(
    "falco-ship",
    "Ships alerts to Elasticsearch and loses nothing.",
    packageVersion(import.meta.url),
  );
  program
    .option("-c, --config <file>", "configuration", "ship.yml")
    .option("-E, --set <key=value...>", "set a configuration value", (value, all: string[] = []) => [...all, value]);
  const config = (): ShipConfig => {
    const { config: file, set } = program.opts<{ config: string; set?: string[] }>();
    return loadConfig(file, { lookup: (name) => process.env[name], overrides: set ?? [] });
  };
  program
    .command("run", { isDefault: true })
    .description("ship until stopped (the default)")
    .addOption(
      new Option("--role <role>", "which end of a shared queue to be")
        .choices(["harvest", "work", "both"])
        .default("both"),
    )
    .action((options: { role: ShipperRole }) => run(config(), options.role));
  const test = program.command("test").description("check the configuration or the connection");
  test
    .command("config")
    .description("check the configuration")
    .action(() => testConfig(config(), program.opts<{ config: string }>().config));
  test
    .command("output")
    .description("connect to the output")
    .action(() => testOutput(config()));
  program
    .command("status")
    .description("show files, offsets and lag")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => showStatus(config(), options.json === true));
  addDeadLetterCommands(program, config);
  addQueueCommands(program, config);
  return program;
}

async function run(config: ShipConfig, role: ShipperRole): Promise<void> {
  const stop = shutdownSignal();
  const log = createLogger("falco-ship", config.logging);
  const shipper = await createShipper(config, { log, role });
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }));
  await shipper.stop();
  const { acknowledged, deadLettered } = shipper.stats();
  log.info({ acknowledged, deadLettered }, "stopped");
}

if (isMain(import.meta.url)) await main(shipCommand());
