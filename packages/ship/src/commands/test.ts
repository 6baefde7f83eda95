import type { ShipConfig } from "../config/config.ts";
import { createSink } from "../sinks/create-sink.ts";
import type { Sink } from "../sinks/sink.ts";
import type { Loaded } from "./run.ts";

/** Says that a configuration which loaded is right. */
export function testConfig({ config, ignored }: Loaded, file: string): void {
  const paths = config.inputs.flatMap((input) => input.paths);
  process.stdout.write(`${file}: ok: ${paths.join(", ")} to ${Object.keys(config.output).join(", ")}\n`);
  if (ignored.length > 0) process.stdout.write(`  settings that mean nothing here: ${ignored.join(", ")}\n`);
}

/** Connects to the output and prints who answered. Throws UserError (`OUTPUT`). */
export async function testOutput(config: ShipConfig, hide: (text: string) => string): Promise<void> {
  const sink = await idleSink(config);
  try {
    process.stdout.write(`${hide(await sink.check())}\n`);
  } finally {
    await sink.close();
  }
}

/** A sink outside a running shipper. */
function idleSink(config: ShipConfig): Promise<Sink> {
  const ignore = (): void => undefined;
  return createSink(config, {
    random: Math.random,
    reject: async () => undefined,
    events: { delivered: ignore, retried: ignore, trouble: ignore },
  });
}
