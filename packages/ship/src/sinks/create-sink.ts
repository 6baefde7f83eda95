import { packageVersion } from "@falco-efk/kit";
import type { OutputWaits, ShipConfig } from "../config/config.ts";
import { durationMs } from "../config/duration.ts";
import { sizeBytes } from "../config/size.ts";
import type { Sink, SinkContext, SinkWaits } from "./sink.ts";

/** Makes the sink that the configuration names; only its code is loaded. Throws UserError for settings that can't work. */
export async function createSink(config: ShipConfig, context: SinkContext): Promise<Sink> {
  const { elasticsearch, opensearch, logstash, http, syslog, file, stdout } = config.output;
  const bulk = elasticsearch ?? opensearch;
  if (bulk !== undefined) {
    const { ElasticsearchSink } = await import("./elasticsearch/sink.ts");
    const kind = elasticsearch === undefined ? "opensearch" : "elasticsearch";
    return new ElasticsearchSink({ ...bulk, ...waits(bulk) }, context, kind);
  }
  if (logstash !== undefined) {
    const { LogstashSink } = await import("./logstash/sink.ts");
    const version = packageVersion(new URL("..", import.meta.url).href);
    return new LogstashSink({ ...logstash, version, ...waits(logstash) }, context);
  }
  if (http !== undefined) {
    const { HttpSink } = await import("./http/sink.ts");
    return new HttpSink({ ...http, maxBytes: sizeBytes(http.bulk_max_bytes), ...waits(http) }, context);
  }
  if (syslog !== undefined) {
    const { SyslogSink } = await import("./syslog/sink.ts");
    return new SyslogSink({ ...syslog, ...waits(syslog) }, context);
  }
  if (file !== undefined) return (await import("./file/file-sink.ts")).createFileSink(file, context);
  if (stdout !== undefined) return (await import("./file/file-sink.ts")).createStdoutSink(context);
  throw new Error("the configuration has no output");
}

function waits(output: OutputWaits): SinkWaits {
  return {
    timeoutMs: durationMs(output.timeout),
    backoffInitialMs: durationMs(output.backoff.init),
    backoffMaximumMs: durationMs(output.backoff.max),
  };
}
