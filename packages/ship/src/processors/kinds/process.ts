import { readFileSync, readlinkSync } from "node:fs";
import { copyValue, type EventObject, getField, setField } from "../event.ts";
import { createProcessReader } from "../process-info.ts";
import { failed, type ProcessorKind } from "../processor.ts";

/**
 * Adds what `/proc` tells of a process that the event names. A process that began after the event has only the same number,
 * so it's left alone.
 */
export const addProcessMetadata: ProcessorKind = (settings, context) => {
  const pidFields = settings.texts("match_pids", ["process.pid", "process.parent.pid", "output_fields.proc.pid"]);
  const target = settings.text("target", "");
  const wanted = settings.has("include_fields") ? settings.texts("include_fields") : null;
  const overwrite = settings.flag("overwrite_keys", false);
  const ignoreMissing = settings.flag("ignore_missing", true);
  const restricted = settings.flag("restricted_fields", false);
  const root = settings.text("host_path", "/");
  settings.ignore("cgroup_prefixes", "cgroup_regex", "cgroup_cache_expire_time", "cgroup_rewrite");
  const reader = createProcessReader(root, { readText: read, readLink: readlinkSync }, restricted);
  return (event) => {
    for (const field of pidFields) {
      const pid = Number(getField(event, field));
      if (!Number.isInteger(pid) || pid <= 0) continue;
      const found = reader(pid, eventMs(event));
      if (found === null) continue;
      for (const [path, value] of Object.entries(found)) {
        const inTarget = target === "" ? path : `${target}.${path}`;
        if (wanted !== null && !wanted.some((name) => path === name || path.startsWith(`${name}.`))) continue;
        if (overwrite || getField(event, inTarget) === undefined) setField(event, inTarget, copyValue(value));
      }
      return event;
    }
    if (!ignoreMissing) failed(context, settings.name, "the event names no process that is there");
    return event;
  };
};

function eventMs(event: EventObject): number {
  const time = Date.parse(String(event["@timestamp"] ?? event.time ?? ""));
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}
