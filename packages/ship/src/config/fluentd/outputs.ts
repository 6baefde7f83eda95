import type { SectionReader } from "./section.ts";
import { duration } from "./sources.ts";
import { indexDateOfStrftime } from "./time-format.ts";

/** An output of ours and what has to be done to records before it. */
export interface ConvertedOutput {
  readonly output: Record<string, unknown>;
  readonly processors: readonly unknown[];
}

const BUFFER = "the file itself is the buffer, and for intakes a spool on disk";

/** The output that a `<match>` or `<store>` comes to, or null when it has no counterpart, which is told. */
export function convertOutput(match: SectionReader): ConvertedOutput | null {
  const type = match.take("@type") ?? match.take("type") ?? "";
  match.ignore("@id", "id", "@log_level");
  switch (type) {
    case "elasticsearch":
    case "elasticsearch_dynamic":
    case "elasticsearch_data_stream":
      return bulk(match, "elasticsearch", type);
    case "opensearch":
    case "opensearch_data_stream":
      return bulk(match, "opensearch", type);
    case "file":
      return file(match);
    case "stdout":
      match.finish();
      return { output: { stdout: {} }, processors: [] };
    case "copy":
      return copy(match);
    default:
      match.loseAll("it has no counterpart");
      return null;
  }
}

/** Of several stores the first that can be carried over is. */
function copy(match: SectionReader): ConvertedOutput | null {
  let found: ConvertedOutput | null = null;
  for (const store of match.sections("store")) {
    if (found !== null) store.loseAll("there is one output; run a second falco-ship with a registry of its own for it");
    else found = convertOutput(store);
  }
  match.ignore("copy_mode", "deep_copy");
  match.finish();
  return found;
}

function bulk(match: SectionReader, kind: "elasticsearch" | "opensearch", type: string): ConvertedOutput {
  const text = (key: string, name: string): Record<string, unknown> => {
    const value = match.take(key);
    return value === undefined || value === "" ? {} : { [name]: value };
  };
  const level = match.take("compression_level");
  const compression = { no_compression: 0, best_speed: 1, default_compression: 5, best_compression: 9 }[level ?? ""];
  const timeout = match.take("request_timeout");
  const headers = match.take("custom_headers");
  const remove = match.list("remove_keys");
  const ssl = readSsl(match, text);
  const output = {
    hosts: hosts(match),
    ...text("user", "username"),
    ...text("password", "password"),
    ...text("api_key", "api_key"),
    index: index(match, type),
    ...text("pipeline", "pipeline"),
    ...(compression === undefined ? {} : { compression_level: compression }),
    ...(timeout === undefined ? {} : { timeout: duration(timeout) }),
    ...(headers === undefined ? {} : { headers: readHeaders(headers, match) }),
    ...(Object.keys(ssl).length === 0 ? {} : { ssl }),
  };
  if (match.flag("include_tag_key", false))
    match.lose("include_tag_key", "there are no tags; add one with fields of the input");
  if (match.take("id_key") !== undefined)
    match.lose("id_key", "ids are made of the file and the offset, so nothing is there twice");
  if (match.flag("utc_index", true) === false) match.lose("utc_index", "days are always of UTC");
  for (const buffer of match.sections("buffer")) buffer.loseAll(BUFFER);
  for (const secondary of match.sections("secondary"))
    secondary.loseAll("what is refused goes to the dead letters: falco-ship dlq list");
  if (match.take("template_file") !== undefined || match.take("template_name") !== undefined) {
    match.lose("template_file", "falco-bootstrap installs the index template");
  }
  match.ignore("reload_connections", "reconnect_on_error", "reload_on_failure", "reload_after", "type_name");
  match.ignore(
    "suppress_type_name",
    "log_es_400_reason",
    "include_timestamp",
    "tag_key",
    "verify_es_version_at_startup",
  );
  match.ignore(
    "default_elasticsearch_version",
    "default_opensearch_version",
    "max_retry_get_es_version",
    "with_transporter_log",
  );
  match.ignore(
    "max_retry_putting_template",
    "fail_on_putting_template_retry_exceed",
    "sniffer_class_name",
    "http_backend",
  );
  match.ignore("bulk_message_request_threshold", "unrecoverable_error_types", "exception_backup", "logstash_format");
  match.ignore(
    "time_key",
    "time_key_format",
    "utc_index",
    "write_operation",
    "validate_client_version",
    "prefer_oj_serializer",
  );
  for (const { key } of match.section.parameters.filter(({ key: name }) =>
    /^(?:flush_|buffer_|retry_|num_threads|slow_flush|queued_)/.test(name),
  )) {
    match.lose(key, BUFFER);
  }
  match.finish();
  const drop = remove.length === 0 ? [] : [{ drop_fields: { fields: remove, ignore_missing: true } }];
  return { output: { [kind]: output }, processors: drop };
}

function hosts(match: SectionReader): readonly string[] {
  const scheme = match.take("scheme") ?? "http";
  const port = match.take("port") ?? "9200";
  const prefix = (match.take("path") ?? "").replace(/^\/?/, "/").replace(/\/$/, "");
  const list = match.list("hosts");
  const single = match.take("host") ?? "localhost";
  return (list.length > 0 ? list : [single]).map((host) => {
    if (/^https?:\/\//.test(host)) return host;
    const bare = host.includes(":") && !host.startsWith("[") && host.split(":").length > 2 ? `[${host}]` : host;
    return `${scheme}://${/:\d+$/.test(bare) ? bare : `${bare}:${port}`}${prefix}`;
  });
}

function index(match: SectionReader, type: string): string {
  const logstash = match.flag("logstash_format", false);
  const prefix = match.take("logstash_prefix") ?? "logstash";
  const separator = match.take("logstash_prefix_separator") ?? "-";
  const format = match.take("logstash_dateformat") ?? "%Y.%m.%d";
  const stream = match.take("data_stream_name");
  const name = match.take("index_name") ?? "fluentd";
  if (type.endsWith("_data_stream")) return stream ?? "falco-events";
  if (!logstash) return fixedIndex(match, "index_name", name);
  const date = indexDateOfStrftime(format);
  if (date === null) match.lose("logstash_dateformat", "the day, yyyy.MM.dd, is taken instead");
  return `${fixedIndex(match, "logstash_prefix", prefix)}${separator}%{+${date ?? "yyyy.MM.dd"}}`;
}

/** A name of an index may hold dates, but nothing of the record. */
function fixedIndex(match: SectionReader, key: string, name: string): string {
  if (/(?<!\uE000)\$\{/.test(name)) {
    match.lose(key, "the name may not depend on the record or its tag; logstash is taken instead");
    return "logstash";
  }
  if (!name.includes("%")) return name;
  const pieces = name.split(/((?:%[A-Za-z][._-]?)+)/).map((part, at) => {
    if (at % 2 === 0) return part;
    const trailing = /[._-]$/.exec(part)?.[0] ?? "";
    const date = indexDateOfStrftime(part.slice(0, part.length - trailing.length));
    return date === null ? null : `%{+${date}}${trailing}`;
  });
  if (!pieces.includes(null)) return pieces.join("");
  match.lose(key, "its date has a piece that is not known; logstash-%{+yyyy.MM.dd} is taken instead");
  return "logstash-%{+yyyy.MM.dd}";
}

function readSsl(
  match: SectionReader,
  text: (key: string, name: string) => Record<string, unknown>,
): Record<string, unknown> {
  const ca = match.take("ca_file");
  match.ignore("ssl_version", "ssl_min_version", "ssl_max_version");
  return {
    ...(ca === undefined ? {} : { certificate_authorities: [ca] }),
    ...text("client_cert", "certificate"),
    ...text("client_key", "key"),
    ...text("client_key_pass", "key_passphrase"),
    ...text("ca_fingerprint", "ca_trusted_fingerprint"),
    ...(match.flag("ssl_verify", true) ? {} : { verification_mode: "none" }),
  };
}

function readHeaders(value: string, match: SectionReader): Record<string, string> {
  try {
    const headers = JSON.parse(value) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(headers).map(([name, item]) => [name, String(item)]));
  } catch {
    match.lose("custom_headers", "a JSON object is expected");
    return {};
  }
}

function file(match: SectionReader): ConvertedOutput {
  const path = (match.take("path") ?? "/var/log/falco-ship").replace(/\/$/, "");
  const slash = path.lastIndexOf("/");
  for (const buffer of match.sections("buffer")) buffer.loseAll(BUFFER);
  match.sections("format");
  match.ignore("append", "compress", "time_slice_format", "time_slice_wait");
  match.finish();
  return {
    output: { file: { path: slash > 0 ? path.slice(0, slash) : ".", filename: `${path.slice(slash + 1)}.ndjson` } },
    processors: [],
  };
}
