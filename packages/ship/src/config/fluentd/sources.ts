import type { SectionReader } from "./section.ts";
import { layoutOfStrptime } from "./time-format.ts";

/** An input of ours, and how Fluentd would route what it reads. */
export interface ConvertedSource {
  readonly input: Record<string, unknown>;
  readonly tag: string;
  /** The label that its events go to, or null. */
  readonly label: string | null;
  /** What has to be done to its records before any filter. */
  readonly processors: readonly unknown[];
}

const NOT_HERE: Readonly<Record<string, string>> = {
  forward: "Fluentd's forward protocol is not spoken; ship from the hosts themselves",
  monitor_agent: "figures are at http.port: /stats and /metrics",
  prometheus: "figures are at http.port: /metrics",
  prometheus_monitor: "figures are at http.port: /metrics",
  prometheus_output_monitor: "figures are at http.port: /metrics",
  prometheus_tail_monitor: "figures are at http.port: /metrics",
};

/** The input that a `<source>` comes to, or null when it has no counterpart, which is told. */
export function convertSource(source: SectionReader): ConvertedSource | null {
  const type = source.take("@type") ?? source.take("type") ?? "";
  const id = source.take("@id") ?? source.take("id");
  const label = source.take("@label") ?? null;
  const tag = source.take("tag") ?? "";
  source.ignore("@log_level", "log_level");
  const route = { tag: tag.replace(/\*/g, "file"), label };
  const named = id === undefined ? {} : { id };
  switch (type) {
    case "tail":
      return { ...route, ...convertTail(source, named) };
    case "http":
    case "syslog":
      return { ...route, ...convertListener(source, type, named) };
    default:
      source.loseAll(NOT_HERE[type] ?? "it has no counterpart");
      return null;
  }
}

function convertTail(
  source: SectionReader,
  named: Record<string, unknown>,
): { readonly input: Record<string, unknown>; readonly processors: readonly unknown[] } {
  const exclude = source.list("exclude_path");
  const encoding = source.take("from_encoding") ?? source.take("encoding");
  if (encoding !== undefined && !/^(?:utf-?8|ascii-8bit|us-ascii)$/i.test(encoding)) {
    source.lose(
      source.section.parameters.some(({ key }) => key === "from_encoding") ? "from_encoding" : "encoding",
      "set encoding by hand",
    );
  }
  const older = source.take("limit_recently_modified");
  if (source.take("read_from_head") === "false")
    source.lose("read_from_head", "files are always read from their beginning");
  if (source.take("pos_file") !== undefined) {
    source.lose("pos_file", "registry.path keeps offsets; Fluentd's own are not read, so files begin anew");
  }
  source.ignore("read_lines_limit", "read_bytes_limit_per_second", "rotate_wait", "refresh_interval", "follow_inodes");
  source.ignore("enable_watch_timer", "enable_stat_watcher", "open_on_every_update", "skip_refresh_on_startup");
  const input = {
    type: "filestream",
    ...named,
    paths: source.list("path"),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(older === undefined ? {} : { ignore_older: duration(older) }),
  };
  const processors = source.sections("parse").flatMap((parse) => convertParse(parse, "message"));
  const format = source.take("format");
  if (format !== undefined && format !== "json" && format !== "none") {
    source.lose("format", "lines that aren't JSON are shipped as message; cut them with dissect or script");
  }
  source.finish();
  return { input, processors };
}

/** A duration as ours: a bare number counts seconds. */
export function duration(text: string): string {
  return /^\d+(?:\.\d+)?$/.test(text) ? `${text}s` : text;
}

/** A `time` of this form decides the day without a processor. */
const READ_ANYWAY = /^2006-01-02T15:04:05(?:Z|Z07:00|-0700|-07:00)$/;

/** Processors that do what a `<parse>` does. JSON needs none, and what isn't JSON stays in `field`. */
export function convertParse(parse: SectionReader, field: string): readonly unknown[] {
  const type = parse.take("@type") ?? parse.take("type") ?? "json";
  const processors: unknown[] = [];
  if (type === "regexp") {
    const expression = parse.take("expression");
    const script = expression === undefined ? null : regexpScript(expression, field);
    if (script === null) parse.lose("expression", "the expression is not one of JavaScript's");
    else processors.push(script);
  } else if (type !== "json" && type !== "none") {
    parse.lose("@type", "lines that aren't JSON are shipped as message; cut them with dissect or script");
  }
  const format = parse.take("time_format");
  const kind = parse.take("time_type");
  const key = parse.take("time_key") ?? "time";
  const zone = parse.take("timezone");
  const layout =
    format !== undefined ? layoutOfStrptime(format) : kind === "float" || kind === "unixtime" ? "UNIX" : undefined;
  if (layout === null) parse.lose("time_format", "it has a piece that the processor timestamp can't say");
  else if (layout !== undefined && !(key === "time" && READ_ANYWAY.test(layout))) {
    const timezone = zone === undefined ? {} : { timezone: zone };
    processors.push({ timestamp: { field: key, layouts: [layout], ...timezone, ignore_missing: true } });
  } else if (key !== "time") {
    processors.push({ timestamp: { field: key, layouts: ["2006-01-02T15:04:05Z07:00"], ignore_missing: true } });
  }
  parse.ignore("keep_time_key", "json_parser", "stream_buffer_size", "utc", "localtime", "estimate_current_event");
  parse.finish();
  return processors;
}

/** A script that puts the named groups of an expression at the top of the event. */
function regexpScript(text: string, field: string): unknown {
  const [, body = text, flags = ""] = /^\/(.*)\/([imx]*)$/s.exec(text) ?? [];
  if (flags.includes("x")) return null;
  try {
    new RegExp(body, flags.includes("i") ? "i" : "");
  } catch {
    return null;
  }
  const expression = `new RegExp(${JSON.stringify(body)}, ${JSON.stringify(flags.includes("i") ? "i" : "")})`;
  const source = `var expression = ${expression};
function process(event) {
  var match = expression.exec(String(event.Get(${JSON.stringify(field)})));
  if (match === null || !match.groups) return;
  for (var name of Object.keys(match.groups)) event.Put(name, match.groups[name]);
}
`;
  return { script: { lang: "javascript", source } };
}

function convertListener(
  source: SectionReader,
  type: "http" | "syslog",
  named: Record<string, unknown>,
): { readonly input: Record<string, unknown>; readonly processors: readonly unknown[] } {
  const host = source.take("bind");
  const port = source.take("port") ?? (type === "http" ? "9880" : "5140");
  if (type === "syslog") source.ignore("protocol_type", "message_format");
  source.sections("transport").forEach((transport) => {
    if (transport.section.argument === "tls") transport.loseAll("set ssl of the input by hand");
  });
  const processors = source.sections("parse").flatMap((parse) => convertParse(parse, "message"));
  source.finish();
  const known = /^\d+$/.test(port);
  if (!known) source.lose("port", "a number is expected; set port by hand");
  const input = { type, ...named, host: host ?? "0.0.0.0", ...(known ? { port: Number(port) } : {}) };
  return { input, processors };
}
