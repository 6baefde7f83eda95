import { statSync } from "node:fs";
import { createLogger, type Logger, type LogLevel } from "@falco-efk/kit";
import type { EngineConfig } from "./config/config.ts";
import type { Output } from "./outputs/output.ts";
import { createQueuedOutput } from "./outputs/queued-output.ts";
import { createLocalSyslogDeliverer } from "./outputs/syslog-local.ts";

const LEVELS: Readonly<Record<string, LogLevel>> = {
  emergency: "fatal",
  alert: "fatal",
  critical: "fatal",
  error: "error",
  warning: "warn",
  notice: "warn",
  info: "info",
  informational: "info",
  debug: "debug",
};
const SYSLOG_SOCKET = "/dev/log";
const DAEMON = 3;

/** The engine's own log, apart from its alerts. */
export interface OwnLog {
  readonly log: Logger;
  close(): Promise<void>;
}

/** Opens the log as `log_stderr`, `log_syslog` and `log_level` say. A machine without a syslog socket has none to write to. */
export function openLog(config: EngineConfig, verbose: boolean, toStderr?: (line: string) => void): OwnLog {
  let syslog: Output | null = null;
  if (config.log_syslog && statSync(SYSLOG_SOCKET, { throwIfNoEntry: false })?.isSocket() === true) {
    const deliverer = createLocalSyslogDeliverer(SYSLOG_SOCKET, DAEMON);
    syslog = createQueuedOutput("log", deliverer, { capacity: 1024, trouble: () => undefined });
  }
  const stderr = toStderr ?? ((line: string) => void process.stderr.write(line));
  const log = createLogger("falco-engine", {
    level: verbose ? "debug" : (LEVELS[config.log_level] ?? "info"),
    write(line) {
      if (config.log_stderr) stderr(line);
      syslog?.push({ text: line.trimEnd(), severity: 6 });
      syslog?.flush();
    },
  });
  return { log, close: async () => void (await syslog?.close(500)) };
}
