#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=65536 node --max-semi-space-size=4 --max-old-space-size=900
import { readFileSync } from "node:fs";
import {
  createCommand,
  createLogger,
  InvalidArgumentError,
  main,
  Option,
  shutdownSignal,
  UserError,
} from "@falco-efk/kit";
import { freeMemoryWhenIdle } from "./idle-memory.ts";
import { lockData } from "./lock-data.ts";
import { repairDirectory } from "./repair.ts";
import { startStore } from "./start-store.ts";
import { durationMs } from "./values/rounding.ts";

interface ServeOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly passwordFile?: string;
  readonly cache: number;
  readonly maxBody: number;
  readonly searchTimeout: number;
  readonly retain?: number;
  readonly retainBytes?: number;
  readonly retainIndices: string;
}

const command = createCommand("falco-store", "The embedded store: Elasticsearch's API over one directory", "0.1.0");

command
  .command("serve", { isDefault: true })
  .description("open a data directory and serve it (the default)")
  .option("--data <dir>", "data directory", "./data/store")
  .option("--host <address>", "address to listen on; others than loopback need a password", "127.0.0.1")
  .option("--port <number>", "port to listen on; 0 takes a free one", readPort, 9200)
  .option("--user <name>", "user name", "elastic")
  .option("--password-file <file>", "file with the password; without one nobody is asked for it")
  .addOption(option("--cache <size>", "memory for parts of files", readBytes).default(96 << 20, "96mb"))
  .addOption(option("--max-body <size>", "largest request", readBytes).default(100 << 20, "100mb"))
  .addOption(option("--search-timeout <duration>", "longest search", readDuration).default(30_000, "30s"))
  .option("--retain <duration>", "remove indices whose newest event is older, such as 30d", readDuration)
  .option("--retain-bytes <size>", "remove the oldest indices beyond this size, such as 20gb", readBytes)
  .option("--retain-indices <pattern>", "the indices that may be removed", "logstash-*")
  .action(serve);

command
  .command("repair")
  .description("save what can be read of a damaged data directory; damaged files are kept beside it")
  .requiredOption("--data <dir>", "data directory")
  .action(async (options: { readonly data: string }) => {
    const unlock = await lockData(options.data);
    const report = repairDirectory(options.data);
    process.stdout.write(`${report.join("\n")}\n`);
    await unlock();
  });

function option(flags: string, description: string, read: (text: string) => number): Option {
  return new Option(flags, description).argParser(read);
}

async function serve(options: ServeOptions): Promise<void> {
  const logger = createLogger("falco-store");
  const signal = shutdownSignal();
  const store = await startStore({
    directory: options.data,
    host: options.host,
    port: options.port,
    user: options.user,
    ...(options.passwordFile === undefined ? {} : { password: readPassword(options.passwordFile) }),
    cacheBytes: options.cache,
    maxBodyBytes: options.maxBody,
    searchLimitMs: options.searchTimeout,
    ...(options.retain === undefined ? {} : { retainMs: options.retain }),
    ...(options.retainBytes === undefined ? {} : { retainBytes: options.retainBytes }),
    retainPattern: options.retainIndices,
    log: (level, message) => logger[level](message),
  });
  const stopFreeing = freeMemoryWhenIdle(() => store.rest());
  process.stdout.write(`falco-store: ready at ${store.url}, data in ${options.data}\n`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  stopFreeing();
  await store.close();
}

function readPassword(file: string): string {
  const password = readFileSync(file, "utf8").replace(/\r?\n$/, "");
  if (password === "") {
    throw new UserError("the password file is empty", {
      code: "STORE_PASSWORD",
      file,
      hint: "write the password into it",
    });
  }
  return password;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError("expected a port from 0 to 65535.");
  }
  return port;
}

function readBytes(text: string): number {
  const match = /^(\d+)\s*(b|kb|mb|gb|tb)?$/i.exec(text);
  const power = ["b", "kb", "mb", "gb", "tb"].indexOf((match?.[2] ?? "b").toLowerCase());
  if (!match) {
    throw new InvalidArgumentError("expected a size such as 512mb.");
  }
  return Number(match[1]) * 1024 ** power;
}

function readDuration(text: string): number {
  try {
    return durationMs(text, "");
  } catch {
    throw new InvalidArgumentError("expected a duration such as 30s, 12h or 7d.");
  }
}

await main(command);
