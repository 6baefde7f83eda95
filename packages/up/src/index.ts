export { efkCommand } from "./command.ts";
export type { UpOptions } from "./options.ts";
export type { Status } from "./status.ts";
export { type UpReport, up } from "./up.ts";
