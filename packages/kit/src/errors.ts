/** What a user can mend: shown as one line, without a stack trace, and the program ends with `exitCode`. */
export interface UserErrorDetails {
  /** Stable and documented, such as `CONFIG_UNKNOWN_KEY`. */
  readonly code: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the configuration key, such as `output.elasticsearch.hosts[0]`. */
  readonly key?: string;
  /** What to do about it; a sentence without its full stop. */
  readonly hint?: string;
  readonly exitCode?: number;
  readonly cause?: unknown;
}

export class UserError extends Error {
  readonly code: string;
  readonly details: UserErrorDetails;

  constructor(message: string, details: UserErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "UserError";
    this.code = details.code;
    this.details = details;
  }

  get exitCode(): number {
    return this.details.exitCode ?? 1;
  }
}

/** `file:line:column: key: message (hint)` with the parts that are known. Line breaks inside are kept. */
export function describeUserError(error: UserError): string {
  const { file, line, column, key, hint } = error.details;
  const place = file === undefined ? "" : [file, line, column].filter((part) => part !== undefined).join(":");
  const head = [place, key].filter((part) => part !== undefined && part !== "").join(": ");
  const tail = hint === undefined ? "" : ` (${hint})`;
  return `${head === "" ? "" : `${head}: `}${error.message}${tail}`;
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "is a directory",
  ENOTDIR: "is not a directory",
  ENOSPC: "no space left on the device",
  EDQUOT: "disk quota exceeded",
  EROFS: "the file system is read-only",
  EADDRINUSE: "the address is already in use",
  EADDRNOTAVAIL: "the address is not one of this machine's",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by the other side",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name could not be looked up",
  ETIMEDOUT: "timed out",
  EMFILE: "too many open files",
};

/** The `code` of a Node system error, or null. */
export function systemErrorCode(error: unknown): string | null {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return null;
}

/** A system error in plain words (`permission denied`), anything else by its message. */
export function describeSystemError(error: unknown): string {
  const code = systemErrorCode(error);
  const words = code === null ? undefined : SYSTEM_ERRORS[code];
  if (words !== undefined) return words;
  return error instanceof Error ? error.message : String(error);
}
