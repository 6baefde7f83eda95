import { type Command, createCommand, InvalidArgumentError, packageVersion, shutdownSignal } from "@falco-efk/kit";
import type { UpOptions } from "./options.ts";
import { missingCapabilities } from "./privileges.ts";
import { sampleCapture } from "./sample-capture.ts";
import { terminalReport } from "./terminal-report.ts";
import { up } from "./up.ts";

interface UpFlags extends Omit<UpOptions, "forSeconds" | "replay" | "alerts" | "generate" | "rules"> {
  readonly rules?: readonly string[];
  readonly for?: number;
  readonly replay?: string;
  readonly alerts?: string;
  readonly generate?: true;
}

/** The program `falco-efk`. */
export function efkCommand(): Command {
  const command = createCommand(
    "falco-efk",
    "Shows what happens on this host, a second later, on a chart: engine, shipper, store and console in one command.",
    packageVersion(import.meta.url),
  );
  command
    .command("up", { isDefault: true })
    .description("start everything and stay until Ctrl-C")
    .option("--data <dir>", "where events, indices and settings are kept", "data")
    .option("--es-port <port>", "the store: Elasticsearch's API on loopback", portNumber, 9200)
    .option("--console-port <port>", "the console on loopback", portNumber, 5601)
    .option("--engine-port <port>", "the engine's health and metrics on loopback", portNumber, 8765)
    .option("--ship-port <port>", "the shipper's health and metrics on loopback", portNumber, 5066)
    .option("--alert-port <port>", "the alerts' API on loopback", portNumber, 5602)
    .option("-r, --rules <file>", "a rule file or folder in place of the default rules; may be given again", collect)
    .option("--alerts <file>", "thresholds and recipients for falco-alert")
    .option("--for <seconds>", "stop by itself after so many seconds", seconds)
    .option("--generate", "perform harmlessly what the rules detect, again and again")
    .option("--replay <capture>", "replay a capture instead of watching the kernel")
    .action((flags: UpFlags) => runUp(flags));
  return command;
}

async function runUp(flags: UpFlags): Promise<void> {
  const signal = shutdownSignal();
  const report = terminalReport(process.stdout);
  const { for: forSeconds, replay, alerts, generate, ...rest } = flags;
  const options = {
    ...rest,
    rules: flags.rules ?? [],
    forSeconds: forSeconds ?? null,
    replay: replay ?? null,
    alerts: alerts ?? null,
    generate: generate === true,
  };
  if (replay !== undefined) return up(options, "replay", signal, report);
  const missing = missingCapabilities();
  if (missing.length === 0) return up(options, "live", signal, report);
  process.stderr.write(
    `falco-efk: this kernel can't be watched without ${missing.join(", ")}: run as root. Until then: REPLAY of a recorded capture.\n`,
  );
  return up({ ...options, replay: sampleCapture() }, "replay", signal, report);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw new InvalidArgumentError("a port from 1 to 65535 is expected.");
  return port;
}

function seconds(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError("a whole number of seconds is expected.");
  return Number(text);
}

function collect(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}
