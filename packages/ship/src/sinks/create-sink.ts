import { packageVersion } from "@falco-efk/kit";
import type { ShipConfig } from "../config/config.ts";
import { durationMs } from "../config/duration.ts";
import { ElasticsearchSink } from "./elasticsearch/sink.ts";
import { createFileSink, createStdoutSink } from "./file/file-sink.ts";
import { LogstashSink } from "./logstash/sink.ts";
import type { Sink, SinkContext } from "./sink.ts";

/** Makes the sink that the configuration names. Throws UserError for settings that can't work. */
export function createSink(config: ShipConfig, context: SinkContext): Sink {
  const { elasticsearch, logstash, file, stdout } = config.output;
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
  if (logstash !== undefined) {
    return new LogstashSink(
      {
        ...logstash,
        version: packageVersion(new URL("..", import.meta.url).href),
        timeoutMs: durationMs(logstash.timeout),
        backoffInitialMs: durationMs(logstash.backoff.init),
        backoffMaximumMs: durationMs(logstash.backoff.max),
      },
      context,
    );
  }
  if (file !== undefined) return createFileSink(file, context);
  if (stdout !== undefined) return createStdoutSink(context);
  throw new Error("the configuration has no output");
}
