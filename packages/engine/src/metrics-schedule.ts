import { appendFile } from "node:fs/promises";
import type { FieldValue } from "@falco-efk/event";
import { describeSystemError } from "@falco-efk/kit";
import type { EngineView } from "./engine-view.ts";
import { createSnapshots, parseInterval, SNAPSHOT_MESSAGE, SNAPSHOT_RULE } from "./metrics-snapshot.ts";

export interface MetricsActions {
  alert(rule: string, message: string, fields: ReadonlyMap<string, FieldValue>): void;
  trouble(message: string): void;
}

/** Takes a snapshot at every interval while `metrics` is on, as an alert, into a file, or both. Answers how to stop. */
export function startMetrics(view: EngineView, actions: MetricsActions): () => Promise<void> {
  const settings = view.config().metrics;
  if (!settings.enabled || (!settings.output_rule && settings.output_file === "")) return async () => undefined;
  const snapshot = createSnapshots(view);
  let sample = 0;
  let writing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    sample += 1;
    const fields = snapshot(BigInt(Date.now()) * 1_000_000n);
    if (settings.output_rule) actions.alert(SNAPSHOT_RULE, SNAPSHOT_MESSAGE, fields);
    if (settings.output_file === "") return;
    const line = `${snapshotLine(sample, fields)}\n`;
    writing = writing
      .then(() => appendFile(settings.output_file, line, { mode: 0o600 }))
      .catch((error: unknown) => actions.trouble(`${settings.output_file}: ${describeSystemError(error)}`));
  }, parseInterval(settings.interval));
  timer.unref();
  return async () => {
    clearInterval(timer);
    await writing;
  };
}

function snapshotLine(sample: number, fields: ReadonlyMap<string, FieldValue>): string {
  const pairs = [...fields.keys()].sort().map((key) => {
    const value = fields.get(key) ?? null;
    return `${JSON.stringify(key)}:${typeof value === "bigint" ? value : JSON.stringify(value)}`;
  });
  return `{"output_fields":{${pairs.join(",")}},"sample":${sample}}`;
}
