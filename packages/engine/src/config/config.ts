import type { Priority } from "@falco-efk/event";

/** `engine:` of falco.yaml and this engine's own keys in it. */
export interface EngineSection {
  readonly kind: "modern_ebpf" | "kmod" | "ebpf" | "replay" | "nodriver";
  readonly modern_ebpf: { readonly buf_size_preset: number; readonly drop_failed_exit: boolean };
  readonly replay: { readonly capture_file: string };
  /** Evaluate path rules with the kernel's resolved path too. */
  readonly match_realpath: boolean;
  /** Filter events in the kernel by what the loaded rules could match. */
  readonly pushdown: boolean;
  readonly compat: "auto" | "on" | "off";
  /** How long an alert waits for its container's metadata, milliseconds. */
  readonly container_wait_ms: number;
  /** Resident memory to stay below, a size such as 160M; 0: no budget. */
  readonly max_rss: string;
}

/** When a written file is put aside for a new one; 0 turns a limit off. */
export interface RotateSection {
  readonly max_size_mb: number;
  readonly interval_s: number;
  /** Rotated files to keep. */
  readonly keep: number;
}

export interface FileOutputSection {
  readonly enabled: boolean;
  readonly keep_alive: boolean;
  readonly filename: string;
  /** Permissions of a file that is made, octal text such as "0600". */
  readonly mode: string;
  readonly rotate: RotateSection;
}

export interface SyslogOutputSection {
  readonly enabled: boolean;
  /** `unix:/dev/log`, `udp://host:514`, `tcp://host:601` or `tls://host:6514`. */
  readonly address: string;
  readonly facility: string;
  readonly ca_cert: string;
  readonly client_cert: string;
  readonly client_key: string;
  readonly insecure: boolean;
}

export interface HttpOutputSection {
  readonly enabled: boolean;
  readonly url: string;
  readonly user_agent: string;
  readonly insecure: boolean;
  readonly ca_cert: string;
  readonly ca_bundle: string;
  readonly ca_path: string;
  readonly mtls: boolean;
  readonly client_cert: string;
  readonly client_key: string;
  readonly echo: boolean;
  readonly compress_uploads: boolean;
  readonly keep_alive: boolean;
  readonly max_consecutive_timeouts: number;
  /** Tries after the first for a failure that may pass (no connection, 408, 429, 5xx). */
  readonly max_retries: number;
}

export interface ProgramOutputSection {
  readonly enabled: boolean;
  readonly keep_alive: boolean;
  readonly program: string;
  /** A program that takes longer for one alert is ended, milliseconds. */
  readonly timeout_ms: number;
}

export interface WebserverSection {
  readonly enabled: boolean;
  readonly listen_port: number;
  readonly listen_address: string;
  readonly k8s_healthz_endpoint: string;
  readonly prometheus_metrics_enabled: boolean;
  readonly ssl_enabled: boolean;
  readonly ssl_certificate: string;
}

export interface AppendOutputEntry {
  readonly match?: { readonly source?: string; readonly tags?: readonly string[]; readonly rule?: string };
  readonly extra_output?: string;
  readonly extra_fields?: readonly (string | Readonly<Record<string, string>>)[];
  readonly suggested_output?: boolean;
}

export interface RuleSelection {
  readonly enable?: { readonly rule?: string; readonly tag?: string };
  readonly disable?: { readonly rule?: string; readonly tag?: string };
}

export interface SyscallEventDropsSection {
  readonly threshold: number;
  readonly actions: readonly ("ignore" | "log" | "alert" | "exit")[];
  readonly rate: number;
  readonly max_burst: number;
  readonly simulate_drops: boolean;
}

export interface MetricsSection {
  readonly enabled: boolean;
  readonly interval: string;
  readonly output_rule: boolean;
  readonly output_file: string;
  readonly rules_counters_enabled: boolean;
  readonly resource_utilization_enabled: boolean;
  readonly state_counters_enabled: boolean;
  readonly kernel_event_counters_enabled: boolean;
  readonly convert_memory_to_mb: boolean;
  readonly include_empty_values: boolean;
}

/** A checked configuration: Falco's falco.yaml with every default filled in. Keys without a meaning here are left out. */
export interface EngineConfig {
  readonly watch_config_files: boolean;
  readonly rules_files: readonly string[];
  readonly rules: readonly RuleSelection[];
  readonly rule_matching: "first" | "all";
  readonly priority: Priority;
  readonly engine: EngineSection;
  readonly time_format_iso_8601: boolean;
  readonly buffer_format_base64: boolean;
  readonly json_output: boolean;
  readonly json_include_output_property: boolean;
  readonly json_include_message_property: boolean;
  readonly json_include_output_fields_property: boolean;
  readonly json_include_tags_property: boolean;
  readonly buffered_outputs: boolean;
  readonly outputs_queue: { readonly capacity: number };
  readonly append_output: readonly AppendOutputEntry[];
  readonly static_fields: Readonly<Record<string, string>>;
  readonly output_timeout: number;
  readonly stdout_output: { readonly enabled: boolean };
  readonly syslog_output: SyslogOutputSection;
  readonly file_output: FileOutputSection;
  readonly http_output: HttpOutputSection;
  readonly program_output: ProgramOutputSection;
  readonly webserver: WebserverSection;
  readonly log_stderr: boolean;
  readonly log_syslog: boolean;
  readonly log_level: string;
  readonly syscall_event_drops: SyscallEventDropsSection;
  readonly metrics: MetricsSection;
  readonly falco_libs: { readonly thread_table_size: number; readonly snaplen: number };
}
