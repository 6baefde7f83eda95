import { DURATION_PATTERN } from "./duration.ts";
import { array, boolean, choice, integer, object, optional, type Schema, string, union } from "./json-schema.ts";
import { SIZE_PATTERN } from "./size.ts";

const strict = { additionalProperties: false } as const;

function duration(byDefault: string, description: string): Schema {
  return string({ pattern: DURATION_PATTERN, default: byDefault, description });
}

function size(byDefault: string, description: string): Schema {
  return union([string({ pattern: SIZE_PATTERN }), integer({ minimum: 1 })], {
    default: byDefault,
    description,
  });
}

const text: Schema = string({ minLength: 1 });
const texts: Schema = array(text);

const tls: Schema = object(
  {
    certificate_authorities: optional(texts),
    certificate: optional(text),
    key: optional(text),
    key_passphrase: optional(string()),
    ca_trusted_fingerprint: optional(string({ pattern: "^[0-9A-Fa-f:]{64,95}$" })),
    verification_mode: optional(choice(["full", "none"])),
  },
  strict,
);

const serverTls: Schema = object(
  { certificate: text, key: text, key_passphrase: optional(string()), certificate_authorities: optional(texts) },
  strict,
);

const multiline: Schema = object(
  {
    type: choice(["pattern", "while_pattern", "count"], { default: "pattern" }),
    pattern: optional(
      string({
        minLength: 1,
        description: "Lines that match belong to the line before or, with match: before, to the one that follows.",
      }),
    ),
    negate: boolean({ default: false, description: "Lines that don't match are meant instead." }),
    match: choice(["after", "before"], { default: "after" }),
    flush_pattern: optional(string({ minLength: 1, description: "A line that matches ends its record." })),
    count_lines: optional(integer({ minimum: 1 })),
    max_lines: integer({ minimum: 1, default: 500, description: "A longer record goes on as another." }),
    timeout: duration("5s", "A record that gets no further line for so long is taken for whole."),
  },
  strict,
);

const input: Schema = object(
  {
    type: choice(["filestream", "log", "http", "syslog", "stdin"]),
    host: string({ minLength: 1, default: "127.0.0.1", description: "Where http and syslog listen." }),
    port: optional(integer({ minimum: 0, maximum: 65_535, description: "http: 2801, syslog: 5514, over TLS 6514." })),
    ssl: optional({
      ...serverTls,
      description: "syslog over TLS; with certificate_authorities only for clients that show a certificate of theirs.",
    }),
    max_spool: size("1GiB", "Undelivered bytes of http, syslog and stdin that are kept on disk at most."),
    id: optional(text),
    enabled: boolean({ default: true }),
    paths: array(text, {
      default: [],
      description: "Files and glob patterns. Rotated neighbours of a plain path are followed too.",
    }),
    exclude: array(text, { default: [], description: "Glob patterns of files to be left out." }),
    ignore_older: duration("0", "Files not written to for longer are not begun. 0: all are."),
    fields: optional({ type: "object" }),
    fields_under_root: boolean({ default: false }),
    tags: array(text, { default: [] }),
    processors: array({}, { default: [] }),
    encoding: string({
      minLength: 1,
      default: "utf-8",
      description:
        "utf-8, utf-16 (by its byte order mark), utf-16le, utf-16be, latin1, windows-1252, shift_jis, gb18030, …",
    }),
    multiline: optional(multiline),
    max_line_bytes: size("10MiB", "Longer lines become dead letters."),
    invalid_lines: choice(["wrap", "dead_letter"], {
      default: "wrap",
      description: 'Lines that are not JSON objects: shipped as {"message": …}, or made dead letters.',
    }),
    scan_interval: duration("1s", "How often folders are looked at, beside being watched."),
    watch: boolean({ default: true, description: "Use the file system's notifications." }),
    close_inactive: duration("5m", "A file that gives nothing for so long is closed until it changes."),
    close_removed: duration("1m", "A deleted file that gives nothing for so long is closed for good."),
    close_renamed: boolean({ default: false, description: "A renamed file is closed at its end, until it changes." }),
    close_eof: boolean({ default: false, description: "Every file is closed at its end, until it changes." }),
    close_timeout: duration(
      "0",
      "A file is closed so long after it was opened, read or not; one that still stands is opened again. What a deleted one still held is lost. 0: never.",
    ),
    harvester_limit: integer({ minimum: 0, default: 0, description: "Files open at once at most; 0: all." }),
    clean_inactive: duration(
      "0",
      "What is known of a file that gives nothing for so long is forgotten; must be more than ignore_older and scan_interval. 0: never.",
    ),
  },
  strict,
);

const elasticsearch: Schema = object(
  {
    hosts: array(text, { minItems: 1, default: ["http://localhost:9200"] }),
    api_key: optional(text),
    username: optional(text),
    password: optional(string()),
    headers: optional({ type: "object", additionalProperties: { type: "string" } }),
    ssl: optional(tls),
    index: string({
      minLength: 1,
      default: "logstash-%{+yyyy.MM.dd}",
      description: "By the event's time in UTC.",
    }),
    pipeline: optional(text),
    bulk_max_size: integer({ minimum: 1, default: 5000, description: "Records in one request." }),
    bulk_max_bytes: size("2MiB", "Bytes of records in one request."),
    worker: integer({ minimum: 1, maximum: 64, default: 2, description: "Requests under way at once." }),
    compression_level: integer({ minimum: 0, maximum: 9, default: 0 }),
    timeout: duration("90s", "For one request."),
    backoff: object(
      { init: duration("1s", "First wait."), max: duration("60s", "Longest wait.") },
      { ...strict, default: {} },
    ),
  },
  strict,
);

const logstash: Schema = object(
  {
    hosts: array(text, { minItems: 1 }),
    ssl: optional(
      object(
        {
          enabled: optional(boolean()),
          certificate_authorities: optional(texts),
          certificate: optional(text),
          key: optional(text),
          key_passphrase: optional(string()),
          verification_mode: optional(choice(["full", "none"])),
        },
        strict,
      ),
    ),
    index: string({ minLength: 1, default: "falco-ship", description: "Goes to @metadata.beat." }),
    bulk_max_size: integer({ minimum: 1, default: 2048 }),
    compression_level: integer({ minimum: 0, maximum: 9, default: 3 }),
    timeout: duration("30s", "For an acknowledgement; a keepalive starts it anew."),
    backoff: object(
      { init: duration("1s", "First wait."), max: duration("60s", "Longest wait.") },
      { ...strict, default: {} },
    ),
  },
  strict,
);

const clientTls: Schema = object(
  {
    certificate_authorities: optional(texts),
    certificate: optional(text),
    key: optional(text),
    key_passphrase: optional(string()),
    verification_mode: optional(choice(["full", "none"])),
  },
  strict,
);

const backoff: Schema = object(
  { init: duration("1s", "First wait."), max: duration("60s", "Longest wait.") },
  { ...strict, default: {} },
);

const http: Schema = object(
  {
    url: string({
      pattern: "^https?://",
      description:
        "Where records are posted as newline-delimited JSON, such as https://listener.logz.io:8071. At least once.",
    }),
    parameters: optional({
      type: "object",
      additionalProperties: { type: "string" },
      description: "Added to the query and never shown: Logz.io's token and type.",
    }),
    headers: optional({ type: "object", additionalProperties: { type: "string" } }),
    username: optional(text),
    password: optional(string()),
    ssl: optional(clientTls),
    bulk_max_size: integer({ minimum: 1, default: 5000, description: "Records in one request." }),
    bulk_max_bytes: size("8MiB", "Bytes of one request before compression; Logz.io takes 10 MB."),
    worker: integer({ minimum: 1, maximum: 64, default: 2, description: "Requests under way at once." }),
    compression_level: integer({ minimum: 0, maximum: 9, default: 3, description: "gzip; 0 is off." }),
    timeout: duration("30s", "For one request."),
    backoff,
  },
  strict,
);

const syslog: Schema = object(
  {
    host: string({ minLength: 1, description: "host, or host:port; the port is 514, over TLS 6514." }),
    protocol: choice(["tcp", "udp", "tls"], {
      default: "tcp",
      description: "RFC 5424 messages. tcp and tls: at least once while confirm is on; udp: at most once.",
    }),
    ssl: optional(clientTls),
    framing: choice(["octet-counting", "newline"], { default: "octet-counting" }),
    confirm: boolean({
      default: true,
      description:
        "A connection for each request, delivered once the receiver has closed it at its end. Off: one connection, and what is on its way when it breaks may be lost.",
    }),
    facility: integer({ minimum: 0, maximum: 23, default: 16, description: "16 is local0." }),
    app_name: string({ minLength: 1, maxLength: 48, default: "falco" }),
    timeout: duration("30s", "For a connection and its confirmation."),
    backoff,
  },
  strict,
);

const redis: Schema = object(
  {
    url: string({ minLength: 1, default: "redis://localhost:6379" }),
    ssl: optional(clientTls),
    name: string({ pattern: "^[^:]+$", default: "falco-ship", description: "Shared by harvesters and workers." }),
    max_jobs: integer({ minimum: 1, default: 1000, description: "Reading pauses while so many jobs wait." }),
    spill: boolean({ default: true, description: "Batches wait on disk (queue.disk) while Redis is away or full." }),
  },
  strict,
);

/** The schema of `ship.yml`. */
export const SHIP_SCHEMA: Schema = object(
  {
    inputs: array(input, { default: [] }),
    output: object(
      {
        elasticsearch: optional(elasticsearch),
        opensearch: optional(elasticsearch),
        logstash: optional(logstash),
        file: optional(
          object({ path: text, filename: string({ minLength: 1, default: "falco-ship.ndjson" }) }, strict),
        ),
        stdout: optional(object({}, strict)),
        http: optional(http),
        syslog: optional(syslog),
      },
      { ...strict, minProperties: 1, maxProperties: 1 },
    ),
    processors: array({}, { default: [], description: "Run over every record, in order." }),
    falco: optional(
      object(
        {
          ecs: boolean({ default: false, description: "ECS names beside Falco's." }),
          mitre: boolean({ default: false, description: "threat.* from the rule's tags." }),
          severity: boolean({ default: false, description: "event.severity as a number." }),
        },
        strict,
      ),
    ),
    origin: boolean({ default: false, description: "Adds log.offset, log.file.path and log.file.id to each record." }),
    registry: object(
      {
        path: string({ minLength: 1, default: "/var/lib/falco-ship" }),
        flush: duration("100ms", "Acknowledged offsets reach the disk within this time."),
        clean_removed: duration("7d", "What is known of a deleted file is forgotten after this time. 0: never."),
      },
      { ...strict, default: {} },
    ),
    dead_letter: object({ path: optional(text) }, { ...strict, default: {} }),
    queue: object(
      {
        type: choice(["memory", "disk", "redis"], { default: "memory" }),
        disk: object(
          {
            path: optional(text),
            max_size: size("1GiB", "Reading pauses while so many bytes wait on disk."),
          },
          { ...strict, default: {}, description: "In registry.path/queue unless path says otherwise." },
        ),
        redis: optional(redis),
        max_bytes: size("6MiB", "Reading pauses while so much is unacknowledged."),
      },
      { ...strict, default: {} },
    ),
    http: object(
      {
        enabled: boolean({ default: true }),
        host: string({ minLength: 1, default: "127.0.0.1" }),
        port: integer({ minimum: 0, maximum: 65_535, default: 5066 }),
      },
      { ...strict, default: {} },
    ),
    logging: object(
      {
        level: choice(["debug", "info", "warn", "error"], { default: "info" }),
        format: choice(["text", "json"], { default: "text" }),
      },
      { ...strict, default: {} },
    ),
    shutdown_timeout: duration("5s", "How long a stop waits for what is under way."),
  },
  { ...strict, $id: "ship.yml" },
);
