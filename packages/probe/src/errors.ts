/** Why there is no probe. Codes are documented and never reused. */
export type ProbeErrorCode =
  | "unsupported-platform" // not Linux on x86-64, or no prebuilt addon
  | "not-built" // prebuilds/ is missing
  | "no-btf" // the kernel doesn't describe its types
  | "no-permission" // a capability is missing, or lockdown forbids it
  | "no-tracefs" // the calls' tracepoints were demanded and tracefs can't be had
  | "load-failed" // the verifier or the loader refused every variant
  | "attach-failed"
  | "filter-failed" // the filter's maps could not be written
  | "closed";

/** A probe that could not be opened or used, with what to do about it. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";
  readonly code: ProbeErrorCode;
  /** What the user can do, one sentence. */
  readonly hint: string;
  /** The loader's last words, for a report; may be empty. */
  readonly log: string;

  constructor(code: ProbeErrorCode, message: string, hint: string, options: { cause?: unknown; log?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = hint;
    this.log = options.log ?? "";
  }
}
