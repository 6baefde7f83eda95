import { unwatchFile, watchFile } from "node:fs";
import { createLogger, describeFailure, shutdownSignal, UserError } from "@falco-efk/kit";
import type { ShipConfig } from "../config/config.ts";
import { createShipper, type ShipperRole } from "../shipper.ts";

/** A configuration and the settings in its file that mean nothing here. */
export interface Loaded {
  readonly config: ShipConfig;
  readonly ignored: readonly string[];
}

const LOOK_MS = 2000;

/**
 * Ships until the process is told to stop. On SIGHUP, and when the file changes, the configuration is read again: one that is
 * wrong is told and the old one stays; a right one takes over where the old one stopped, by the registry.
 */
export async function runShipper(load: () => Loaded, file: string, role: ShipperRole): Promise<void> {
  const stop = shutdownSignal();
  let loaded = load();
  const log = createLogger("falco-ship", loaded.config.logging);
  let changed = false;
  let wake: () => void = () => undefined;
  const notice = (): void => {
    changed = true;
    wake();
  };
  stop.addEventListener("abort", () => wake(), { once: true });
  process.on("SIGHUP", notice);
  watchFile(file, { interval: LOOK_MS, persistent: false }, notice);
  const warn = (ignored: readonly string[]): void => {
    if (ignored.length > 0) log.warn({ file, settings: ignored.join(", ") }, "settings that mean nothing here");
  };
  warn(loaded.ignored);
  let shipper = await createShipper(loaded.config, { log, role });
  while (!stop.aborted) {
    if (!changed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    changed = false;
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
    await shipper.stop();
    try {
      shipper = await createShipper(next.config, { log, role });
      loaded = next;
      warn(next.ignored);
      log.info({ file }, "configuration taken over");
    } catch (error) {
      log.error(`back to the configuration before: ${describeFailure(error)}`);
      shipper = await createShipper(loaded.config, { log, role });
    }
  }
  process.off("SIGHUP", notice);
  unwatchFile(file, notice);
  await shipper.stop();
  const { acknowledged, deadLettered } = shipper.stats();
  log.info({ acknowledged, deadLettered }, "stopped");
}
