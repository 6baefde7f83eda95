import { type TProperties, type TSchema, Type } from "../json-schema.ts";

const bool = (value: boolean, description: string): TSchema => Type.Boolean({ default: value, description });
const text = (value: string, description: string): TSchema => Type.String({ default: value, description });
const int = (value: number, description: string, minimum = 0, maximum?: number): TSchema =>
  Type.Integer({ default: value, description, minimum, ...(maximum === undefined ? {} : { maximum }) });
const choice = (values: readonly string[], value: string, description: string): TSchema =>
  Type.Unsafe({ type: "string", enum: [...values], default: value, description });
const section = (description: string, properties: TProperties): TSchema =>
  Type.Object(optional(properties), { additionalProperties: false, default: {}, description });
const texts = (description: string): TSchema => Type.Array(Type.String(), { default: [], description });
const unused = (description: string): TSchema =>
  Type.Unsafe({ description: `Taken and left without effect: ${description}` });

function optional(properties: TProperties): TProperties {
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, Type.Optional(schema)]));
}

const PRIORITY_WORDS = [
  "emergency",
  "alert",
  "critical",
  "error",
  "warning",
  "notice",
  "info",
  "informational",
  "debug",
];
const ruleChoice = Type.Object(
  {
    rule: Type.Optional(Type.String({ description: "Name of a rule; * stands for any text" })),
    tag: Type.Optional(Type.String({ description: "A tag" })),
  },
  { additionalProperties: false, minProperties: 1 },
);

const configFile = Type.Unsafe({
  anyOf: [
    { type: "string" },
    {
      type: "object",
      additionalProperties: false,
      required: ["path"],
      properties: {
        path: { type: "string", description: "A file, or a folder whose files are merged in order of their names" },
        strategy: {
          type: "string",
          enum: ["append", "override", "add-only"],
          description:
            "append unless given. Lists grow; the file's keys replace earlier ones; or they only fill what is missing",
        },
      },
    },
  ],
});

const engine = section("Where events come from", {
  kind: choice(
    ["modern_ebpf", "kmod", "ebpf", "replay", "nodriver"],
    "modern_ebpf",
    "modern_ebpf: the live kernel (kmod and ebpf mean the same here); replay: a capture; nodriver: no events",
  ),
  kmod: section("Settings of engine.kind kmod", {
    buf_size_preset: int(4, "Ring buffer size, 1 (1 MB) to 10 (512 MB)", 1, 10),
    drop_failed_exit: bool(false, "Leave failed system calls out"),
  }),
  modern_ebpf: section("Settings of the live kernel source", {
    cpus_for_each_buffer: int(2, "Taken and left without effect: there is one buffer for all CPUs"),
    buf_size_preset: int(4, "Ring buffer size, 1 (1 MB) to 10 (512 MB)", 1, 10),
    drop_failed_exit: bool(false, "Leave failed system calls out"),
    disable_iterators: bool(false, "Taken and left without effect"),
  }),
  replay: section("Settings of engine.kind replay", { capture_file: text("", "The capture to replay") }),
  match_realpath: bool(true, "Evaluate rules on paths with the kernel's resolved path as well as with the name given"),
  pushdown: bool(
    true,
    "Leave out events that no loaded rule could match before they are read, in the kernel and in a replay",
  ),
  compat: choice(["auto", "on", "off"], "auto", "Watch 32-bit system calls; auto: where the kernel offers them"),
  container_wait_ms: int(500, "How long an alert waits for its container's name and image", 0, 60_000),
  max_rss: text(
    "0",
    "Memory to stay below, without the ring buffer, such as 160M: details go before alerts do, and are counted; 0: no budget",
  ),
});

const outputs: TProperties = {
  stdout_output: section("Alerts to standard output", { enabled: bool(false, "Turn it on") }),
  syslog_output: section("Alerts to syslog", {
    enabled: bool(false, "Turn it on"),
    address: text("unix:/dev/log", "unix:PATH, udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT"),
    facility: text("user", "Syslog facility"),
    ca_cert: text("", "CA certificate for tls://; the system's own when empty"),
    client_cert: text("", "Client certificate for tls://"),
    client_key: text("", "Client key for tls://"),
    insecure: bool(false, "Accept any certificate"),
  }),
  file_output: section("Alerts to a file", {
    enabled: bool(false, "Turn it on"),
    keep_alive: bool(false, "Keep the file open between batches"),
    filename: text("", "The file; lines are appended"),
    mode: Type.String({ default: "0600", pattern: "^0?[0-7]{3}$", description: "Permissions of a new file" }),
    rotate: section("Start a new file now and then", {
      max_size_mb: int(0, "When the file has this size; 0: never"),
      interval_s: int(0, "When the file is this old, in seconds; 0: never"),
      keep: int(5, "How many old files to keep"),
    }),
  }),
  http_output: section("Alerts to an HTTP endpoint", {
    enabled: bool(false, "Turn it on"),
    url: text("", "Where to POST each alert"),
    user_agent: text("falcosecurity/falco", "The User-Agent header"),
    insecure: bool(false, "Accept any certificate"),
    ca_cert: text("", "File with the CA certificate"),
    ca_bundle: text("", "File with several CA certificates"),
    ca_path: text("/etc/ssl/certs", "Folder of CA certificates"),
    mtls: bool(false, "Show a client certificate"),
    client_cert: text("/etc/ssl/certs/client.crt", "The client certificate"),
    client_key: text("/etc/ssl/certs/client.key", "The client key"),
    echo: bool(false, "Print what the server answers on standard output"),
    compress_uploads: bool(false, "Compress what is sent with gzip"),
    keep_alive: bool(false, "Keep the connection open between alerts"),
    max_consecutive_timeouts: int(5, "Tries after the first for a request that timed out", 0, 255),
    max_retries: int(5, "Tries after the first for a failure that may pass", 0, 255),
  }),
  program_output: section("Alerts to a program's standard input", {
    enabled: bool(false, "Turn it on"),
    keep_alive: bool(false, "Start the program once instead of once an alert"),
    program: text("", "The command line, run by sh"),
    timeout_ms: int(30_000, "End a program that takes longer for one alert", 100),
  }),
};

const operations: TProperties = {
  webserver: section("Health, versions, metrics and status over HTTP", {
    enabled: bool(false, "Turn it on"),
    threadiness: int(0, "Taken and left without effect"),
    listen_port: int(8765, "Port; 0 picks a free one", 0, 65_535),
    listen_address: text("0.0.0.0", "Address"),
    k8s_healthz_endpoint: text("/healthz", "Path of the health page"),
    prometheus_metrics_enabled: bool(false, "Serve /metrics"),
    ssl_enabled: bool(false, "Serve HTTPS"),
    ssl_certificate: text("/etc/falco/falco.pem", "File with certificate and key"),
  }),
  syscall_event_drops: section("What to do when the kernel drops events", {
    threshold: Type.Number({ default: 0.1, minimum: 0, maximum: 1, description: "Act above this share of drops" }),
    actions: Type.Array(Type.Unsafe({ type: "string", enum: ["ignore", "log", "alert", "exit"] }), {
      default: ["log", "alert"],
      description: "Any of ignore, log, alert, exit",
    }),
    rate: Type.Number({ default: 0.03333, minimum: 0, description: "Actions a second, in the long run" }),
    max_burst: Type.Number({ default: 1, minimum: 0, description: "Actions at once" }),
    simulate_drops: bool(false, "Pretend that there are drops, to try the actions"),
  }),
  metrics: section("Snapshots of the engine's own counters", {
    enabled: bool(false, "Turn it on"),
    interval: text("1h", "Time between snapshots: 30s, 15m, 1h or milliseconds"),
    output_rule: bool(false, "Write a snapshot as an alert"),
    output_file: text("", "Append snapshots to this file"),
    rules_counters_enabled: bool(true, "Alerts by rule"),
    resource_utilization_enabled: bool(true, "CPU and memory"),
    state_counters_enabled: bool(true, "Sizes of the process and container tables"),
    kernel_event_counters_enabled: bool(true, "Events and drops in the kernel"),
    kernel_event_counters_per_cpu_enabled: bool(false, "Taken and left without effect"),
    libbpf_stats_enabled: bool(true, "Taken and left without effect"),
    plugins_metrics_enabled: bool(true, "Taken and left without effect"),
    kernel_iter_event_counters_enabled: bool(true, "Taken and left without effect"),
    jemalloc_stats_enabled: bool(false, "Taken and left without effect"),
    convert_memory_to_mb: bool(true, "Memory in megabytes"),
    include_empty_values: bool(false, "Counters that are zero too"),
  }),
};

/** JSON Schema of the configuration file: Falco's keys, and this engine's own beside them. */
export const CONFIG_SCHEMA: TSchema = Type.Object(
  optional({
    config_files: Type.Array(configFile, { default: [], description: "More files and folders to merge into this one" }),
    watch_config_files: bool(true, "Load again when a rules or configuration file changes"),
    rules_files: texts("Rules files and folders, in load order"),
    rule_files: texts("Another name for rules_files"),
    rules: Type.Array(
      Type.Object(optional({ enable: ruleChoice, disable: ruleChoice }), {
        additionalProperties: false,
        minProperties: 1,
      }),
      { default: [], description: "Rules to turn on and off, in order" },
    ),
    rule_matching: choice(["first", "all"], "first", "Stop at the first rule that matches an event, or try all"),
    priority: choice(PRIORITY_WORDS, "debug", "Load rules from this priority up, in any case"),
    engine,
    time_format_iso_8601: bool(false, "Times in outputs with date and zone"),
    buffer_format_base64: bool(false, "Byte buffers in outputs as base64"),
    json_output: bool(false, "Alerts as JSON"),
    json_include_output_property: bool(true, "Put `output` into JSON alerts"),
    json_include_message_property: bool(false, "Put `message` into JSON alerts"),
    json_include_output_fields_property: bool(true, "Put `output_fields` into JSON alerts"),
    json_include_tags_property: bool(true, "Put `tags` into JSON alerts"),
    buffered_outputs: bool(false, "Gather lines for up to a second before writing them"),
    outputs_queue: section("The queue before each output", {
      capacity: int(0, "Alerts held for a slow output before new ones are dropped and counted; 0: 262144"),
    }),
    append_output: Type.Array(
      Type.Object(
        optional({
          match: Type.Object(
            optional({
              source: Type.String({ description: "Only rules of this source" }),
              tags: Type.Array(Type.String(), { description: "Only rules with all of these tags" }),
              rule: Type.String({ description: "Only the rule of this name" }),
            }),
            {
              additionalProperties: false,
            },
          ),
          extra_output: Type.String({ description: "Text to add to the output" }),
          extra_fields: Type.Array(
            Type.Unsafe({ anyOf: [{ type: "string" }, { type: "object", additionalProperties: { type: "string" } }] }),
            { description: "Added to output_fields of JSON alerts: a field's name, or a name with a text of its own" },
          ),
          suggested_output: Type.Boolean({ description: "Add the fields of container and Kubernetes" }),
        }),
        { additionalProperties: false },
      ),
      { default: [], description: "What to add to the output of rules" },
    ),
    static_fields: Type.Unsafe({
      type: "object",
      additionalProperties: { type: ["string", "number", "boolean"] },
      default: {},
      description: "Fields static.NAME with a fixed value",
    }),
    output_timeout: int(2000, "How long outputs may take to finish at the end, milliseconds"),
    ...outputs,
    ...operations,
    log_stderr: bool(true, "The engine's own log to standard error"),
    log_syslog: bool(true, "The engine's own log to syslog"),
    log_level: choice(PRIORITY_WORDS, "info", "Least severe level of the engine's own log"),
    falco_libs: section("Sizes of tables", {
      thread_table_size: int(262_144, "Most processes remembered", 1),
      thread_table_auto_purging_interval_s: int(300, "Taken and left without effect"),
      thread_table_auto_purging_thread_timeout_s: int(300, "Taken and left without effect"),
      snaplen: int(80, "Bytes of an I/O buffer that are kept"),
    }),
    capture: unused("captures are started with --capture"),
    load_plugins: unused("there are no plugins; what the container plugin does is built in"),
    plugins: unused("there are no plugins; what the container plugin does is built in"),
    plugins_hostinfo: unused("there are no plugins"),
    libs_logger: unused("there is one log"),
    syscall_event_timeouts: unused("the source waits in the kernel, it has no timeouts to count"),
    base_syscalls: unused("the loaded rules alone decide what is traced"),
  }),
  {
    $id: "falco-engine-config.schema.json",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "falco-engine configuration",
    additionalProperties: false,
  },
);
