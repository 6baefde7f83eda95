import { boolean, choice, integer, object, optional, type Schema, string } from "../json-schema.ts";
import {
  backoff,
  clientTls,
  clientTlsProperties,
  duration,
  optionalText,
  secret,
  size,
  strict,
  stringMap,
  texts,
} from "./parts.ts";

const bulkMaxSize = (byDefault: number): Schema =>
  integer({ minimum: 1, default: byDefault, description: "Records in one request." });
const worker: Schema = integer({ minimum: 1, maximum: 64, default: 2, description: "Requests under way at once." });
const compressionLevel = (byDefault: number, description: string): Schema =>
  integer({ minimum: 0, maximum: 9, default: byDefault, description });

const elasticsearch: Schema = object(
  {
    hosts: texts("Where the server answers; the port is 9200 unless one stands there.", {
      minItems: 1,
      default: ["http://localhost:9200"],
    }),
    api_key: optionalText("`id:key`, or the encoded form."),
    username: optionalText("For basic authentication."),
    password: secret("For basic authentication."),
    headers: stringMap("Sent with every request."),
    ssl: optional(
      object(
        {
          ...clientTlsProperties,
          ca_trusted_fingerprint: optional(
            string({
              pattern: "^[0-9A-Fa-f:]{64,95}$",
              description: "SHA-256 of an authority that is trusted, as Elasticsearch prints it at its first start.",
            }),
          ),
        },
        strict,
      ),
    ),
    index: string({ minLength: 1, default: "logstash-%{+yyyy.MM.dd}", description: "By the event's time in UTC." }),
    pipeline: optionalText("The ingest pipeline that records go through."),
    bulk_max_size: bulkMaxSize(5000),
    bulk_max_bytes: size("2MiB", "Bytes of records in one request."),
    worker,
    compression_level: compressionLevel(0, "gzip, from 1 up; 0 is off."),
    timeout: duration("90s", "For one request. One that is never answered in time is sent again in halves."),
    backoff,
  },
  strict,
);

const logstash: Schema = object(
  {
    hosts: texts("host:port of Lumberjack receivers, such as Logstash's beats input or Logz.io's listener.", {
      minItems: 1,
    }),
    ssl: optional(
      object(
        {
          enabled: optional(boolean({ description: "Off: no TLS though other keys stand here." })),
          ...clientTlsProperties,
        },
        strict,
      ),
    ),
    index: string({ minLength: 1, default: "falco-ship", description: "Goes to @metadata.beat." }),
    bulk_max_size: integer({ minimum: 1, default: 2048, description: "Records in one window." }),
    compression_level: compressionLevel(3, "zlib; 0 is off."),
    timeout: duration("30s", "For an acknowledgement; a keepalive starts it anew."),
    backoff,
  },
  strict,
);

const http: Schema = object(
  {
    url: string({
      pattern: "^https?://",
      description:
        "Where records are posted as newline-delimited JSON, such as https://listener.logz.io:8071. At least once.",
    }),
    parameters: stringMap("Added to the query and never shown: Logz.io's token and type."),
    headers: stringMap("Sent with every request."),
    username: optionalText("For basic authentication."),
    password: secret("For basic authentication."),
    ssl: optional(clientTls),
    bulk_max_size: bulkMaxSize(5000),
    bulk_max_bytes: size("8MiB", "Bytes of one request before compression; Logz.io takes 10 MB."),
    worker,
    compression_level: compressionLevel(3, "gzip; 0 is off."),
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
    framing: choice(["octet-counting", "newline"], {
      default: "octet-counting",
      description: "How messages are told apart over tcp and tls: RFC 6587's two ways.",
    }),
    confirm: boolean({
      default: true,
      description:
        "A connection for each request, delivered once the receiver has closed it at its end. Off: one connection, and what is on its way when it breaks may be lost.",
    }),
    facility: integer({ minimum: 0, maximum: 23, default: 16, description: "16 is local0." }),
    app_name: string({ minLength: 1, maxLength: 48, default: "falco", description: "APP-NAME of the messages." }),
    timeout: duration("30s", "For a connection and its confirmation."),
    backoff,
  },
  strict,
);

const file: Schema = object(
  {
    path: string({ minLength: 1, description: "The folder." }),
    filename: string({ minLength: 1, default: "falco-ship.ndjson", description: "The file that lines are added to." }),
  },
  strict,
);

/** Of `output`: one of them. */
export const OUTPUT_SCHEMA: Schema = object(
  {
    elasticsearch: optional(elasticsearch),
    opensearch: optional(elasticsearch),
    logstash: optional(logstash),
    file: optional(file),
    stdout: optional(object({}, { ...strict, description: "Lines to standard output; it has no settings." })),
    http: optional(http),
    syslog: optional(syslog),
  },
  { ...strict, minProperties: 1, maxProperties: 1 },
);
