import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger } from "pino";
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export interface LoggerOptions {
  readonly level?: LogLevel;
  /** `text`: one readable line each; `json`: pino's lines. */
  readonly format?: "text" | "json";
  /** Where lines go; standard error unless told otherwise. */
  readonly write?: (line: string) => void;
}

/** Opens a program's log. Lines go to standard error, so that standard output stays the program's own. */
export function createLogger(name: string, options: LoggerOptions = {}): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const stream: DestinationStream = { write: options.format === "json" ? write : (line) => write(textLine(line)) };
  return pino({ name, level: options.level ?? "info", base: { name } }, stream);
}

const LEVELS: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warning",
  50: "error",
  60: "fatal",
};
const HIDDEN = new Set(["level", "time", "name", "msg", "err", "pid", "hostname"]);

/** `2026-01-02T03:04:05.678Z falco-ship info: message key=value` */
function textLine(json: string): string {
  const entry = JSON.parse(json) as Record<string, unknown>;
  const time = new Date(Number(entry.time)).toISOString();
  const rest = Object.entries(entry)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
  const error = entry.err as { message?: string; stack?: string } | undefined;
  const detail = error === undefined ? "" : ` error=${error.message ?? "unknown"}`;
  const level = LEVELS[Number(entry.level)] ?? "info";
  return `${time} ${String(entry.name)} ${level}: ${String(entry.msg ?? "")}${rest}${detail}\n`;
}

/**
 * Logs the first of each cause at once and the rest as a count when `intervalMs` has passed, so that a trouble that
 * lasts fills no disk.
 */
export function createTroubleLog(
  logger: Logger,
  options: { readonly intervalMs?: number; readonly now?: () => number } = {},
): (cause: string, message: string, details?: Record<string, unknown>) => void {
  const interval = options.intervalMs ?? 10_000;
  const now = options.now ?? Date.now;
  const seen = new Map<string, { at: number; held: number }>();
  return (cause, message, details = {}) => {
    const entry = seen.get(cause);
    const time = now();
    if (entry !== undefined && time - entry.at < interval) {
      entry.held += 1;
      return;
    }
    const held = entry?.held ?? 0;
    seen.set(cause, { at: time, held: 0 });
    logger.warn({ ...details, cause, ...(held === 0 ? {} : { repeated: held }) }, message);
  };
}
