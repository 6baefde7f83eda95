import { convertInput } from "./filebeat-input.ts";

/** Settings of Filebeat that mean nothing here and do no harm. */
const IGNORED = ["setup", "name", "max_procs", "monitoring", "xpack", "path", "cloud", "migration6_to_7", "features"];
const IGNORED_OUTPUT = [
  "enabled",
  "loadbalance",
  "pipelining",
  "ttl",
  "preset",
  "idle_connection_timeout",
  "max_retries",
  "escape_html",
  "protocol",
  "allow_older_versions",
];
const IGNORED_INPUT = ["prospector", "clean_removed", "tail_files", "file_identity"];

/** What was taken from a `filebeat.yml`, and the keys that have no counterpart. */
export interface FilebeatConversion {
  readonly config: Record<string, unknown>;
  readonly dropped: readonly string[];
}

/** True for a configuration in Filebeat's form. Keys are nested already. */
export function isFilebeat(value: unknown): boolean {
  return typeof value === "object" && value !== null && "filebeat" in value;
}

/** Turns Filebeat's configuration into ours. What both know stays, what means nothing here is listed. */
export function fromFilebeat(value: Record<string, unknown>): FilebeatConversion {
  const dropped: string[] = [];
  const { filebeat, ...config } = structuredClone(value);
  const { inputs, registry, ...more } = asObject(filebeat);
  dropped.push(...Object.keys(more).map((key) => `filebeat.${key}`));
  drop(config, IGNORED, "", dropped);
  if (Array.isArray(inputs)) {
    config.inputs = inputs.map((input, at) => {
      const copy = asObject(input);
      drop(copy, IGNORED_INPUT, `filebeat.inputs[${at}].`, dropped);
      dropped.push(...convertInput(copy).map((key) => `filebeat.inputs[${at}].${key}`));
      rename(copy, "exclude_files", "exclude");
      rename(copy, "message_max_bytes", "max_line_bytes");
      rename(copy, "max_bytes", "max_line_bytes");
      return copy;
    });
  }
  if (registry !== undefined) config.registry = { path: asObject(registry).path };
  for (const [kind, settings] of Object.entries(asObject(config.output))) {
    drop(asObject(settings), IGNORED_OUTPUT, `output.${kind}.`, dropped);
    rename(asObject(settings), "workers", "worker");
  }
  if ("queue" in config) {
    dropped.push("queue");
    delete config.queue;
  }
  const { level } = asObject(config.logging);
  if ("logging" in config) config.logging = level === undefined ? {} : { level: level === "warning" ? "warn" : level };
  return { config, dropped };
}

function drop(target: Record<string, unknown>, keys: readonly string[], prefix: string, dropped: string[]): void {
  for (const key of keys) {
    if (!(key in target)) continue;
    delete target[key];
    dropped.push(`${prefix}${key}`);
  }
}

function rename(target: Record<string, unknown>, from: string, to: string): void {
  if (!(from in target)) return;
  target[to] = target[from];
  delete target[from];
}

/** The same object, so that changes stay; an empty one for anything else. */
function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
