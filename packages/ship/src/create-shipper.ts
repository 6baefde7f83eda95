import { createLogger, type Logger } from "@falco-efk/kit";
import type { ShipConfig } from "./config/config.ts";
import { checkConfig } from "./config/load.ts";
import type { ShipperHooks } from "./hooks.ts";
import { type Shipper, startShipper } from "./shipper.ts";

/** A configuration as `ship.yml` has it; what is missing gets its default. */
export type ShipConfigInput = ShipConfig | Readonly<Record<string, unknown>>;

/** Hooks, and a log for those who want one. */
export interface CreateShipperOptions extends ShipperHooks {
  /** Nothing is logged without it. */
  readonly log?: Logger;
}

/**
 * Starts a shipper within this process. Throws UserError for a wrong configuration, when another shipper has the registry, and
 * when the port of the statistics is taken. Stop it with `stop()`, or by `await using`.
 */
export function createShipper(config: ShipConfigInput, options: CreateShipperOptions = {}): Promise<Shipper> {
  const log = options.log ?? createLogger("falco-ship", { level: "silent" });
  return startShipper(checkConfig(config), { ...options, log });
}
