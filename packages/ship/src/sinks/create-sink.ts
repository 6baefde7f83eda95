import type { ShipConfig } from "../config/config.ts";
import { durationMs } from "../config/duration.ts";
import { ElasticsearchSink } from "./elasticsearch/sink.ts";
import type { Sink, SinkContext } from "./sink.ts";

/** Makes the sink that the configuration names. Throws UserError for settings that can't work. */
export function createSink(config: ShipConfig, context: SinkContext): Sink {
  const { elasticsearch } = config.output;
  if (elasticsearch !== undefined) {
    return new ElasticsearchSink(
      {
        ...elasticsearch,
        timeoutMs: durationMs(elasticsearch.timeout),
        backoffInitialMs: durationMs(elasticsearch.backoff.init),
        backoffMaximumMs: durationMs(elasticsearch.backoff.max),
      },
      context,
    );
  }
  throw new Error("the configuration has no output");
}
