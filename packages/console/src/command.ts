import { readFile } from "node:fs/promises";
import {
  type Command,
  createCommand,
  createLogger,
  describeSystemError,
  InvalidArgumentError,
  Option,
  packageVersion,
  shutdownSignal,
  UserError,
} from "@falco-efk/kit";
import type { ConsoleOptions } from "./console-options.ts";
import { startConsole } from "./server.ts";

interface Flags {
  readonly elasticsearch: string;
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly allowHost: readonly string[];
  readonly user?: string;
  readonly ca?: string;
  readonly passwordFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly engineUrl?: string;
  readonly shipUrl?: string;
  readonly deadLettersUrl?: string;
  readonly alertsUrl?: string;
  readonly replay?: boolean;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The `falco-console` program. Secrets come from the environment or files, never from arguments that `ps` shows. */
export function consoleCommand(environment: Environment): Command {
  const list = (value: string, before: readonly string[]) => [...before, value];
  return createCommand(
    "falco-console",
    "What Kibana shows for Falco's events, with no JVM.",
    packageVersion(import.meta.url),
  )
    .option("--elasticsearch <url>", "Elasticsearch or the embedded store", toUrl, "http://127.0.0.1:9200")
    .option("--user <name>", "Elasticsearch user; the password is read from ELASTICSEARCH_PASSWORD")
    .option("--ca <file>", "certificate authority of Elasticsearch (PEM)")
    .option("--host <address>", "address to listen on; other than loopback needs a password", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 picks a free one", toPort, 5601)
    .option("--data <folder>", "where saved objects are kept", "data/console")
    .option("--password-file <file>", "password of the page; FALCO_CONSOLE_PASSWORD does the same")
    .option("--tls-cert <file>", "certificate (PEM); with --tls-key the page is served over HTTPS")
    .option("--tls-key <file>", "private key (PEM)")
    .option("--allow-host <name>", "host name to answer to, beside localhost and IP addresses; repeatable", list, [])
    .option("--engine-url <url>", "the engine's figures, such as http://127.0.0.1:8765/metrics", toUrl)
    .option("--ship-url <url>", "the shipper's figures, such as http://127.0.0.1:5066/stats", toUrl)
    .option("--dead-letters-url <url>", "the shipper that delivers, when that is not the one of --ship-url", toUrl)
    .option("--alerts-url <url>", "falco-alert's API, such as http://127.0.0.1:5602", toUrl)
    .option("--replay", "say on every page that the data is a recording")
    .addOption(
      new Option("--log-level <level>", "what to log").choices(["debug", "info", "warn", "error"]).default("info"),
    )
    .addHelpText(
      "after",
      "\nEnvironment: FALCO_CONSOLE_PASSWORD, ELASTICSEARCH_PASSWORD, ELASTICSEARCH_API_KEY, FALCO_SHIP_TOKEN (http.token of falco-ship).\n\nExample:\n  falco-console --elasticsearch http://127.0.0.1:9200 --data ./data/console",
    )
    .action(async (flags: Flags) => run(await toOptions(flags, environment), flags));
}

async function run(options: ConsoleOptions, flags: Flags): Promise<void> {
  const logger = createLogger("falco-console", { level: flags.logLevel });
  const console = await startConsole({ ...options, logger });
  logger.info({ url: console.url, elasticsearch: options.elasticsearchUrl }, "the console is up");
  const signal = shutdownSignal();
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await console.close();
}

async function toOptions(flags: Flags, environment: Environment): Promise<ConsoleOptions> {
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw new UserError("--tls-cert and --tls-key go together", { code: "OPTION", exitCode: 2 });
  }
  const password =
    flags.passwordFile === undefined
      ? environment.FALCO_CONSOLE_PASSWORD
      : (await readText(flags.passwordFile)).replace(/\r?\n$/, "");
  if (flags.passwordFile !== undefined && password === "") {
    throw new UserError("the password file is empty", { code: "OPTION", file: flags.passwordFile });
  }
  return {
    elasticsearchUrl: flags.elasticsearch,
    elasticsearch: {
      username: flags.user,
      password: environment.ELASTICSEARCH_PASSWORD,
      apiKey: environment.ELASTICSEARCH_API_KEY,
      ca: flags.ca === undefined ? undefined : await readText(flags.ca),
    },
    host: flags.host,
    port: flags.port,
    dataDir: flags.data,
    password,
    allowedHosts: flags.allowHost,
    engineUrl: flags.engineUrl,
    shipUrl: flags.shipUrl,
    deadLettersUrl: flags.deadLettersUrl,
    shipToken: environment.FALCO_SHIP_TOKEN === "" ? undefined : environment.FALCO_SHIP_TOKEN,
    alertsUrl: flags.alertsUrl,
    mode: flags.replay === true ? "replay" : "live",
    ...(flags.tlsCert === undefined || flags.tlsKey === undefined
      ? {}
      : { tls: { cert: await readText(flags.tlsCert), key: await readText(flags.tlsKey) } }),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UserError(describeSystemError(error), { code: "FILE", file, cause: error });
  }
}

function toUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError("Expected http://… or https://….");
  return text;
}

function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("Expected a number from 0 to 65535.");
  return port;
}
