import { type TSchema, Type } from "typebox";
import { DURATION_PATTERN } from "./duration.ts";
import { SIZE_PATTERN } from "./size.ts";

const strict = { additionalProperties: false } as const;

function duration(byDefault: string, description: string): TSchema {
  return Type.String({ pattern: DURATION_PATTERN, default: byDefault, description });
}

function size(byDefault: string, description: string): TSchema {
  return Type.Union([Type.String({ pattern: SIZE_PATTERN }), Type.Integer({ minimum: 1 })], {
    default: byDefault,
    description,
  });
}

const text: TSchema = Type.String({ minLength: 1 });
const texts: TSchema = Type.Array(text);

const tls: TSchema = Type.Object(
  {
    certificate_authorities: Type.Optional(texts),
    certificate: Type.Optional(text),
    key: Type.Optional(text),
    key_passphrase: Type.Optional(Type.String()),
    ca_trusted_fingerprint: Type.Optional(Type.String({ pattern: "^[0-9A-Fa-f:]{64,95}$" })),
    verification_mode: Type.Optional(Type.Enum(["full", "none"])),
  },
  strict,
);

const input: TSchema = Type.Object(
  {
    type: Type.Enum(["filestream", "log", "http", "syslog", "stdin"]),
    host: Type.String({ minLength: 1, default: "127.0.0.1", description: "Where http and syslog listen." }),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: "http: 2801, syslog: 5514." })),
    max_spool: size("1GiB", "Undelivered bytes of http, syslog and stdin that are kept on disk at most."),
    id: Type.Optional(text),
    enabled: Type.Boolean({ default: true }),
    paths: Type.Array(text, {
      default: [],
      description: "Files and glob patterns. Rotated neighbours of a plain path are followed too.",
    }),
    exclude: Type.Array(text, { default: [], description: "Glob patterns of files to be left out." }),
    ignore_older: duration("0", "Files not written to for longer are not begun. 0: all are."),
    fields: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    fields_under_root: Type.Boolean({ default: false }),
    tags: Type.Array(text, { default: [] }),
    processors: Type.Array(Type.Unknown(), { default: [] }),
    encoding: Type.Enum(["utf-8", "plain"], { default: "utf-8" }),
    max_line_bytes: size("10MiB", "Longer lines become dead letters."),
    invalid_lines: Type.Enum(["wrap", "dead_letter"], {
      default: "wrap",
      description: 'Lines that are not JSON objects: shipped as {"message": …}, or made dead letters.',
    }),
    scan_interval: duration("1s", "How often folders are looked at, beside being watched."),
    watch: Type.Boolean({ default: true, description: "Use the file system's notifications." }),
    close_inactive: duration("5m", "A file that gives nothing for so long is closed until it changes."),
    close_removed: duration("1m", "A deleted file that gives nothing for so long is closed for good."),
  },
  strict,
);

const elasticsearch: TSchema = Type.Object(
  {
    hosts: Type.Array(text, { minItems: 1, default: ["http://localhost:9200"] }),
    api_key: Type.Optional(text),
    username: Type.Optional(text),
    password: Type.Optional(Type.String()),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    ssl: Type.Optional(tls),
    index: Type.String({
      minLength: 1,
      default: "logstash-%{+yyyy.MM.dd}",
      description: "By the event's time in UTC.",
    }),
    pipeline: Type.Optional(text),
    bulk_max_size: Type.Integer({ minimum: 1, default: 5000, description: "Records in one request." }),
    bulk_max_bytes: size("2MiB", "Bytes of records in one request."),
    worker: Type.Integer({ minimum: 1, maximum: 64, default: 2, description: "Requests under way at once." }),
    compression_level: Type.Integer({ minimum: 0, maximum: 9, default: 0 }),
    timeout: duration("90s", "For one request."),
    backoff: Type.Object(
      { init: duration("1s", "First wait."), max: duration("60s", "Longest wait.") },
      { ...strict, default: {} },
    ),
  },
  strict,
);

const logstash: TSchema = Type.Object(
  {
    hosts: Type.Array(text, { minItems: 1 }),
    ssl: Type.Optional(
      Type.Object(
        {
          enabled: Type.Optional(Type.Boolean()),
          certificate_authorities: Type.Optional(texts),
          certificate: Type.Optional(text),
          key: Type.Optional(text),
          key_passphrase: Type.Optional(Type.String()),
          verification_mode: Type.Optional(Type.Enum(["full", "none"])),
        },
        strict,
      ),
    ),
    index: Type.String({ minLength: 1, default: "falco-ship", description: "Goes to @metadata.beat." }),
    bulk_max_size: Type.Integer({ minimum: 1, default: 2048 }),
    compression_level: Type.Integer({ minimum: 0, maximum: 9, default: 3 }),
    timeout: duration("30s", "For an acknowledgement; a keepalive starts it anew."),
    backoff: Type.Object(
      { init: duration("1s", "First wait."), max: duration("60s", "Longest wait.") },
      { ...strict, default: {} },
    ),
  },
  strict,
);

const redis: TSchema = Type.Object(
  {
    url: Type.String({ minLength: 1, default: "redis://localhost:6379" }),
    ssl: Type.Optional(tls),
    name: Type.String({ pattern: "^[^:]+$", default: "falco-ship", description: "Shared by harvesters and workers." }),
    max_jobs: Type.Integer({ minimum: 1, default: 1000, description: "Reading pauses while so many jobs wait." }),
  },
  strict,
);

/** The schema of `ship.yml`. */
export const SHIP_SCHEMA: TSchema = Type.Object(
  {
    inputs: Type.Array(input, { default: [] }),
    output: Type.Object(
      {
        elasticsearch: Type.Optional(elasticsearch),
        logstash: Type.Optional(logstash),
        file: Type.Optional(
          Type.Object({ path: text, filename: Type.String({ minLength: 1, default: "falco-ship.ndjson" }) }, strict),
        ),
        stdout: Type.Optional(Type.Object({}, strict)),
      },
      { ...strict, minProperties: 1, maxProperties: 1 },
    ),
    processors: Type.Array(Type.Unknown(), { default: [], description: "Run over every record, in order." }),
    falco: Type.Optional(
      Type.Object(
        {
          ecs: Type.Boolean({ default: false, description: "ECS names beside Falco's." }),
          mitre: Type.Boolean({ default: false, description: "threat.* from the rule's tags." }),
          severity: Type.Boolean({ default: false, description: "event.severity as a number." }),
        },
        strict,
      ),
    ),
    registry: Type.Object(
      {
        path: Type.String({ minLength: 1, default: "/var/lib/falco-ship" }),
        flush: duration("100ms", "Acknowledged offsets reach the disk within this time."),
      },
      { ...strict, default: {} },
    ),
    dead_letter: Type.Object({ path: Type.Optional(text) }, { ...strict, default: {} }),
    queue: Type.Object(
      {
        type: Type.Enum(["memory", "redis"], { default: "memory" }),
        redis: Type.Optional(redis),
        max_bytes: size("6MiB", "Reading pauses while so much is unacknowledged."),
      },
      { ...strict, default: {} },
    ),
    http: Type.Object(
      {
        enabled: Type.Boolean({ default: true }),
        host: Type.String({ minLength: 1, default: "127.0.0.1" }),
        port: Type.Integer({ minimum: 0, maximum: 65_535, default: 5066 }),
      },
      { ...strict, default: {} },
    ),
    logging: Type.Object(
      {
        level: Type.Enum(["debug", "info", "warn", "error"], { default: "info" }),
        format: Type.Enum(["text", "json"], { default: "text" }),
      },
      { ...strict, default: {} },
    ),
    shutdown_timeout: duration("5s", "How long a stop waits for what is under way."),
  },
  { ...strict, $id: "ship.yml" },
);
