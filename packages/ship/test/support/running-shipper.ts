import { join } from "node:path";
import { createLogger } from "@falco-efk/kit";
import { checkConfig, createShipper, type Shipper } from "../../src/index.ts";
import type { BulkSink } from "./bulk-sink.ts";

/** A configuration for one file, `events.json` in the folder, unless `input` says otherwise. */
export function configFor(folder: string, sink: BulkSink, input: object = {}): Record<string, unknown> {
  return {
    inputs: [{ type: "filestream", paths: [join(folder, "events.json")], scan_interval: "50ms", ...input }],
    output: { elasticsearch: { hosts: [sink.url], backoff: { init: "10ms", max: "50ms" } } },
    registry: { path: join(folder, "registry"), flush: "10ms" },
    http: { enabled: false },
  };
}

/** Starts a shipper in this process; its log lines are added to `log`. */
export function startShipper(config: Record<string, unknown>, log: string[] = []): Promise<Shipper> {
  return createShipper(checkConfig(config), { log: createLogger("test", { write: (line) => void log.push(line) }) });
}

/** What was stored, as objects in the order of their ids, which is the files' order. */
export function storedRecords(sink: BulkSink): Record<string, unknown>[] {
  return [...sink.documents.values()]
    .sort((left, right) => (left.id < right.id ? -1 : 1))
    .map(({ source }) => JSON.parse(source) as Record<string, unknown>);
}
