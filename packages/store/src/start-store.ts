import { existsSync, mkdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describeSystemError, UserError } from "@falco-efk/kit";
import { Guard } from "./http/guard.ts";
import { makeServer } from "./http/server.ts";
import { Catalog } from "./indices/catalog.ts";
import { startRetention } from "./indices/retention.ts";
import { lockData } from "./lock-data.ts";
import { DamagedFileError } from "./segments/sections.ts";

/** How a store runs. */
export interface StoreOptions {
  /** The data directory; it is made when it is not there. */
  readonly directory: string;
  /** An address of this machine. Others than loopback need a password. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** Bytes of segment files kept in memory. */
  readonly cacheBytes?: number;
  /** Documents kept in logs before they become a segment file. */
  readonly unsealedDocuments?: number;
  readonly maxBodyBytes?: number;
  /** Milliseconds that a search may take before it answers with what it has. */
  readonly searchLimitMs?: number;
  /** Indices whose newest event is older than so many milliseconds are removed. */
  readonly retainMs?: number;
  /** The oldest indices are removed while all together take more bytes than this. */
  readonly retainBytes?: number;
  /** Names of indices that retention may remove. */
  readonly retainPattern?: string;
  readonly now?: () => number;
  /** Brings a file onto the disk; fdatasync when it is not given. */
  readonly sync?: (fd: number) => Promise<void>;
  readonly log?: (level: "info" | "warn" | "error", message: string) => void;
}

/** A running store. */
export interface RunningStore {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Gives back memory that nobody needs at the moment. */
  rest(): void;
  /** Stops listening and closes the files. Everything acknowledged is on the disk already. */
  close(): Promise<void>;
}

/**
 * Opens a data directory and serves it. Throws `UserError` for what the user can mend: a directory in use or damaged,
 * a port in use, an open address without a password.
 */
export async function startStore(options: StoreOptions): Promise<RunningStore> {
  const { directory, host = "127.0.0.1", port = 9200, now = Date.now, log = () => undefined } = options;
  const loopback = host === "localhost" || host === "::1" || /^127\./.test(host);
  if (!loopback && options.password === undefined) {
    throw new UserError(`listening on ${host} needs a password`, {
      code: "STORE_NO_PASSWORD",
      hint: "set one with --password-file, or listen on 127.0.0.1",
    });
  }
  makeDirectory(directory);
  const unlock = await lockData(directory);
  let catalog: Catalog | null = null;
  try {
    catalog = openCatalog(options, now, log);
    const guard = new Guard({
      user: options.user ?? "elastic",
      password: options.password ?? null,
      loopback,
      path: join(directory, "api-keys.json"),
      now,
    });
    const context = {
      catalog,
      guard,
      clusterName: "falco-efk",
      nodeName: hostname(),
      searchLimitMs: options.searchLimitMs ?? 30_000,
      now,
    };
    const server = makeServer(context, {
      maxBodyBytes: options.maxBodyBytes ?? 100 << 20,
      onFailure: (error) => log("error", error instanceof Error ? (error.stack ?? error.message) : String(error)),
    });
    const url = await listen(server, host, port);
    const stopRetention = startRetention(catalog, {
      maxAgeMs: options.retainMs ?? Infinity,
      maxBytes: options.retainBytes ?? Infinity,
      pattern: options.retainPattern ?? "logstash-*",
    });
    const opened = catalog;
    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      stopRetention();
      await server.close();
      await opened.close();
      await unlock();
    };
    return {
      url,
      rest: () => opened.rest(),
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await catalog?.close();
    await unlock();
    throw error;
  }
}

function makeDirectory(directory: string): void {
  try {
    makeDirectories(resolve(directory));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === "EEXIST" ? "it is not a directory" : describeSystemError(error);
    throw new UserError(`cannot be the data directory: ${what}`, {
      code: "STORE_DIRECTORY",
      file: directory,
      hint: "give another with --data",
      cause: error,
    });
  }
}

/** As `mkdir -p`. Node's own goes on forever where a directory can't have one below it, as in /proc. */
function makeDirectories(directory: string): void {
  if (!existsSync(directory)) {
    makeDirectories(dirname(directory));
    mkdirSync(directory, { mode: 0o750 });
  } else if (!statSync(directory).isDirectory()) {
    throw Object.assign(new Error("it is not a directory"), { code: "EEXIST" });
  }
}

function openCatalog(
  options: StoreOptions,
  now: () => number,
  log: (level: "info" | "warn" | "error", message: string) => void,
): Catalog {
  try {
    return new Catalog({
      directory: options.directory,
      cacheBytes: options.cacheBytes ?? 96 << 20,
      unsealedDocuments: options.unsealedDocuments ?? 25_000,
      now,
      log,
      sync: options.sync,
    });
  } catch (error) {
    if (error instanceof DamagedFileError) {
      throw new UserError(error.message, { code: "STORE_DAMAGED", file: error.file });
    }
    throw error;
  }
}

async function listen(server: ReturnType<typeof makeServer>, host: string, port: number): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (error) {
    throw new UserError(`cannot listen on ${host}:${port}: ${describeSystemError(error)}`, {
      code: "STORE_LISTEN",
      hint: "stop what uses it, or choose another with --port",
      cause: error,
    });
  }
}
