import { unwatchFile, watchFile } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { createLogger, describeFailure, shutdownSignal, UserError } from "@falco-efk/kit";
import type { ShipConfig } from "../config/config.ts";
import { type ShipperRole, startShipper } from "../shipper.ts";

/** A configuration and the settings in its file that mean nothing here. */
export interface Loaded {
  readonly config: ShipConfig;
  readonly ignored: readonly string[];
}

/** How a shipper runs as a program. */
export interface RunOptions {
  /** The configuration, which is watched. */
  readonly file: string;
  readonly role: ShipperRole;
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string;
}

const LOOK_MS = 2000;

/**
 * Ships until the process is told to stop. On SIGHUP, and when the file changes, the configuration is read again: one that is
 * wrong is told and the old one stays; a right one takes over where the old one stopped, by the registry.
 */
export async function runShipper(load: () => Loaded, options: RunOptions): Promise<void> {
  const { file, role, hide } = options;
  const stop = shutdownSignal();
  let loaded = load();
  const write = (line: string): boolean => process.stderr.write(hide(line));
  const log = createLogger("falco-ship", { ...loaded.config.logging, write: (line) => void write(line) });
  let asked: "signal" | "file" | null = null;
  let wake: () => void = () => undefined;
  const onSignal = (): void => {
    asked = "signal";
    wake();
  };
  const onChange = (): void => {
    asked ??= "file";
    wake();
  };
  stop.addEventListener("abort", () => wake(), { once: true });
  process.on("SIGHUP", onSignal);
  watchFile(file, { interval: LOOK_MS, persistent: false }, onChange);
  const warn = (ignored: readonly string[]): void => {
    if (ignored.length > 0) log.warn({ file, settings: ignored.join(", ") }, "settings that mean nothing here");
  };
  warn(loaded.ignored);
  let shipper = await startShipper(loaded.config, { log, role, hide });
  while (!stop.aborted) {
    if (asked === null) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const by: "signal" | "file" = asked;
    asked = null;
    let next: Loaded;
    try {
      next = load();
      if (loaded.config.inputs.some((input) => input.type === "stdin")) {
        throw new UserError("standard input can't be opened twice", { code: "RELOAD", hint: "restart instead" });
      }
    } catch (error) {
      log.error(`the configuration stays as it was: ${describeFailure(error)}`);
      continue;
    }
    // A signal also reads certificates and scripts anew, which may have changed where the configuration didn't.
    if (by === "file" && isDeepStrictEqual(next.config, loaded.config)) continue;
    await shipper.stop();
    try {
      shipper = await startShipper(next.config, { log, role, hide });
      loaded = next;
      log.level = next.config.logging.level;
      warn(next.ignored);
      log.info({ file }, "configuration taken over");
    } catch (error) {
      log.error(`back to the configuration before: ${describeFailure(error)}`);
      shipper = await startShipper(loaded.config, { log, role, hide });
    }
  }
  process.off("SIGHUP", onSignal);
  unwatchFile(file, onChange);
  await shipper.stop();
  const { acknowledged, deadLettered } = shipper.stats();
  log.info({ acknowledged, deadLettered }, "stopped");
}
