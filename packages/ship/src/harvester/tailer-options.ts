import { hash } from "node:crypto";
import { UserError } from "@falco-efk/kit";
import type { InputConfig, MultilineConfig } from "../config/config.ts";
import { durationMs } from "../config/duration.ts";
import { sizeBytes } from "../config/size.ts";
import type { LineGrouping } from "../lines/group-lines.ts";
import { checkEncoding } from "../lines/line-codec.ts";
import type { TailerOptions } from "./tailer-state.ts";

const READ_BYTES = 1 << 20;
const GATHER_MS = 20;

/**
 * An input's settings as the tailer takes them. Throws UserError for an encoding that nobody knows, a pattern that is none,
 * and a clean_inactive that would send files again.
 */
export function tailerOptions(
  input: InputConfig,
  deps: Pick<TailerOptions, "now" | "refuse" | "cleanRemovedMs">,
): TailerOptions {
  checkEncoding(input.encoding, { key: "inputs.encoding" });
  checkCleanInactive(input);
  const maxLineBytes = sizeBytes(input.max_line_bytes);
  return {
    id: input.id ?? hash("sha256", input.paths.join("\n"), "base64url").slice(0, 12),
    paths: input.paths,
    exclude: input.exclude,
    readBytes: READ_BYTES,
    scanMs: durationMs(input.scan_interval),
    closeInactiveMs: durationMs(input.close_inactive),
    closeRemovedMs: durationMs(input.close_removed),
    closeRenamed: input.close_renamed,
    closeEof: input.close_eof,
    closeTimeoutMs: durationMs(input.close_timeout),
    harvesterLimit: input.harvester_limit,
    ignoreOlderMs: durationMs(input.ignore_older),
    cleanInactiveMs: durationMs(input.clean_inactive),
    gatherMs: GATHER_MS,
    watch: input.watch,
    maxLineBytes,
    invalidLines: input.invalid_lines,
    encoding: input.encoding,
    grouping: input.multiline === undefined ? null : lineGrouping(input.multiline, maxLineBytes),
    groupTimeoutMs: durationMs(input.multiline?.timeout ?? "5s"),
    ...deps,
  };
}

function checkCleanInactive(input: InputConfig): void {
  const clean = durationMs(input.clean_inactive);
  const older = durationMs(input.ignore_older);
  if (clean === 0 || (older > 0 && clean > older + durationMs(input.scan_interval))) return;
  throw new UserError(`${input.clean_inactive} would send files again that are still there`, {
    code: "CLEAN_INACTIVE",
    key: "inputs.clean_inactive",
    hint: "set ignore_older, and clean_inactive to more than ignore_older and scan_interval together",
  });
}

function lineGrouping(multiline: MultilineConfig, maxBytes: number): LineGrouping {
  const { type, pattern, flush_pattern: flush, count_lines: count } = multiline;
  if (type === "count" ? count === undefined : pattern === undefined) {
    const key = type === "count" ? "count_lines" : "pattern";
    throw new UserError(`is missing for type ${type}`, { code: "MULTILINE", key: `inputs.multiline.${key}` });
  }
  return {
    type,
    pattern: pattern === undefined ? null : compile(pattern, "pattern"),
    negate: multiline.negate,
    match: multiline.match,
    flushPattern: flush === undefined ? null : compile(flush, "flush_pattern"),
    countLines: count ?? 1,
    maxLines: multiline.max_lines,
    maxBytes,
  };
}

function compile(pattern: string, key: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (error) {
    throw new UserError(`${pattern} is no regular expression`, {
      code: "MULTILINE",
      key: `inputs.multiline.${key}`,
      cause: error,
    });
  }
}
