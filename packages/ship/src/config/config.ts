import type { RedisSettings } from "../queue/redis-connection.ts";
import type { TlsSettings } from "../sinks/tls.ts";

/** `ship.yml` after validation: every default is filled in. Durations and sizes are texts such as `10s` and `10MiB`. */
export interface ShipConfig {
  readonly inputs: readonly InputConfig[];
  readonly output: OutputConfig;
  readonly processors: readonly unknown[];
  /** Adds to Falco's alerts; see `FalcoEnrichment`. */
  readonly falco?: { readonly ecs: boolean; readonly mitre: boolean; readonly severity: boolean };
  /** Adds `log.offset`, `log.file.path` and `log.file.id` to each record. */
  readonly origin: boolean;
  readonly registry: { readonly path: string; readonly flush: string; readonly clean_removed: string };
  readonly dead_letter: { readonly path?: string };
  readonly queue: QueueConfig;
  readonly http: { readonly enabled: boolean; readonly host: string; readonly port: number; readonly token?: string };
  readonly logging: { readonly level: "debug" | "info" | "warn" | "error"; readonly format: "text" | "json" };
  readonly shutdown_timeout: string;
}

export interface QueueConfig {
  readonly type: "memory" | "disk" | "redis";
  readonly disk: { readonly path?: string; readonly max_size: string | number };
  readonly max_bytes: string | number;
  readonly redis?: RedisSettings;
}

/** Something to read: files to be followed, or an intake whose lines go through a spool on disk. */
export interface InputConfig {
  readonly type: "filestream" | "log" | "http" | "syslog" | "stdin";
  /** Where `http` and `syslog` listen. */
  readonly host: string;
  readonly port?: number;
  /** `syslog` listens over TLS. */
  readonly ssl?: TlsSettings;
  /** Undelivered bytes that a spool holds at most. */
  readonly max_spool: string | number;
  /** Names the input in the registry; made from the paths when it isn't given. */
  readonly id?: string;
  readonly enabled: boolean;
  readonly paths: readonly string[];
  /** Glob patterns of files to be left out. */
  readonly exclude: readonly string[];
  readonly ignore_older: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly fields_under_root: boolean;
  readonly tags: readonly string[];
  readonly processors: readonly unknown[];
  readonly encoding: string;
  readonly multiline?: MultilineConfig;
  readonly max_line_bytes: string | number;
  readonly invalid_lines: "wrap" | "dead_letter";
  readonly scan_interval: string;
  readonly watch: boolean;
  readonly close_inactive: string;
  readonly close_removed: string;
  readonly close_renamed: boolean;
  readonly close_eof: boolean;
  readonly close_timeout: string;
  readonly harvester_limit: number;
  readonly clean_inactive: string;
}

/** Which lines make one record. */
export interface MultilineConfig {
  readonly type: "pattern" | "while_pattern" | "count";
  readonly pattern?: string;
  readonly negate: boolean;
  readonly match: "after" | "before";
  readonly flush_pattern?: string;
  readonly count_lines?: number;
  readonly max_lines: number;
  readonly timeout: string;
}

export interface OutputConfig {
  readonly elasticsearch?: ElasticsearchOutputConfig;
  readonly opensearch?: ElasticsearchOutputConfig;
  readonly logstash?: LogstashOutputConfig;
  readonly file?: FileOutputConfig;
  readonly stdout?: Readonly<Record<string, never>>;
  readonly http?: HttpOutputConfig;
  readonly syslog?: SyslogOutputConfig;
}

/** How long an output waits: for one answer, and before it tries again. */
export interface OutputWaits {
  readonly timeout: string;
  readonly backoff: { readonly init: string; readonly max: string };
}

/** Newline-delimited JSON over HTTP, such as Logz.io's bulk listener. At least once. */
export interface HttpOutputConfig extends OutputWaits {
  readonly url: string;
  /** Added to the query and never shown, such as `token` and `type`. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly username?: string;
  readonly password?: string;
  readonly ssl?: TlsSettings;
  readonly bulk_max_size: number;
  /** Bytes of one request before compression. */
  readonly bulk_max_bytes: string | number;
  readonly worker: number;
  readonly compression_level: number;
}

/** RFC 5424 messages. Over TCP and TLS at least once while `confirm` is on; over UDP at most once. */
export interface SyslogOutputConfig extends OutputWaits {
  /** `host` or `host:port`. */
  readonly host: string;
  readonly protocol: "tcp" | "udp" | "tls";
  readonly ssl?: TlsSettings;
  readonly framing: "octet-counting" | "newline";
  readonly confirm: boolean;
  readonly facility: number;
  readonly app_name: string;
}

/** Lumberjack v2, as Logstash's beats input and Logz.io speak it. */
export interface LogstashOutputConfig extends OutputWaits {
  readonly hosts: readonly string[];
  readonly ssl?: TlsSettings & { readonly enabled?: boolean };
  /** `@metadata.beat`. */
  readonly index: string;
  readonly bulk_max_size: number;
  readonly compression_level: number;
}

export interface FileOutputConfig {
  readonly path: string;
  readonly filename: string;
}

export interface ElasticsearchOutputConfig extends OutputWaits {
  readonly hosts: readonly string[];
  readonly api_key?: string;
  readonly username?: string;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ssl?: TlsSettings;
  readonly index: string;
  readonly pipeline?: string;
  /** Records in one request. */
  readonly bulk_max_size: number;
  readonly bulk_max_bytes: string | number;
  readonly worker: number;
  readonly compression_level: number;
}
