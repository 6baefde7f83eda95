import type { InputConfig } from "../config/config.ts";
import { type RunningInput, startHttpInput } from "./http-input.ts";
import type { Spool } from "./spool.ts";
import { startStreamInput } from "./stdin-input.ts";
import { startSyslogInput } from "./syslog-input.ts";

/** True for inputs that are files themselves and need no spool. */
export function isFileInput(input: InputConfig): boolean {
  return input.type === "filestream" || input.type === "log";
}

/** Starts an input that writes to a spool. */
export async function startInput(input: InputConfig, spool: Spool): Promise<RunningInput> {
  const { host } = input;
  if (input.type === "http") return startHttpInput(host, input.port ?? 2801, spool);
  if (input.type === "syslog")
    return startSyslogInput(host, input.port ?? (input.ssl === undefined ? 5514 : 6514), spool, input.ssl);
  return startStreamInput(process.stdin, "standard input", spool);
}
