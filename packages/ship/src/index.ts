export type { ShipConfig } from "./config/config.ts";
export { checkConfig, loadConfig } from "./config/load.ts";
export { SHIP_SCHEMA } from "./config/schema.ts";
export type { DeadLetter } from "./dead-letter/dead-letters.ts";
export { DeadLetters } from "./dead-letter/dead-letters.ts";
export { recordId } from "./record-id.ts";
export type { Shipper, ShipperDeps, ShipperRole } from "./shipper.ts";
export { createShipper } from "./shipper.ts";
export type { FileStats, ShipStats } from "./stats.ts";
