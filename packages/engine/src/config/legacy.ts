/** Keys of older Falco releases that are done otherwise here, and how. */
const RETIRED: Readonly<Record<string, string>> = {
  grpc: "Falco's gRPC server is gone; use http_output or the web server's /status",
  grpc_output: "Falco's gRPC output is gone; use http_output",
  outputs: "alerts are not rate limited",
  syscall_buf_size_preset: "use engine.modern_ebpf.buf_size_preset",
  syscall_drop_failed_exit: "use engine.modern_ebpf.drop_failed_exit",
  modern_bpf: "use engine.modern_ebpf",
  container_engines: "container runtimes are found without being named",
};

/** Keys of today's falco.yaml that have no meaning in this engine. Their descriptions in the schema say why. */
const WITHOUT_MEANING: readonly string[] = [
  "capture",
  "plugins_hostinfo",
  "libs_logger",
  "syscall_event_timeouts",
  "base_syscalls",
  "engine.modern_ebpf.cpus_for_each_buffer",
  "engine.modern_ebpf.disable_iterators",
  "webserver.threadiness",
  "falco_libs.thread_table_auto_purging_interval_s",
  "falco_libs.thread_table_auto_purging_thread_timeout_s",
  "metrics.kernel_event_counters_per_cpu_enabled",
  "metrics.libbpf_stats_enabled",
  "metrics.plugins_metrics_enabled",
  "metrics.kernel_iter_event_counters_enabled",
  "metrics.jemalloc_stats_enabled",
];

/**
 * Rewrites old forms into today's and says what has no effect here: each key is named once.
 * `container` in `plugins` and `load_plugins` is passed over in silence: what that plugin does is built in.
 */
export function modernise(
  value: Readonly<Record<string, unknown>>,
  file: string,
): { value: Record<string, unknown>; warnings: string[] } {
  const warnings: string[] = [];
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const retired = RETIRED[key];
    if (retired !== undefined) {
      warnings.push(`${file}: ${key} has no effect: ${retired}`);
    } else if (key === "rules_file" || key === "rules_files" || key === "rule_files") {
      if (key === "rules_file") warnings.push(`${file}: rules_file is the old name of rules_files`);
      const before = result["rules_files"];
      result["rules_files"] = Array.isArray(before) ? before.concat(item) : key === "rules_file" ? [item].flat() : item;
    } else {
      result[key] = item;
    }
  }
  const plugins = [...new Set(["load_plugins", "plugins"].flatMap((key) => pluginNames(value[key])))];
  const foreign = plugins.filter((name) => name !== "container");
  if (foreign.length > 0) {
    warnings.push(
      `${file}: plugins can't be loaded: ${foreign.join(", ")} (the container plugin's fields are built in)`,
    );
  }
  const idle = WITHOUT_MEANING.filter((path) => hasPath(value, path.split(".")));
  if (idle.length > 0) warnings.push(`${file}: keys without effect in this engine: ${idle.join(", ")}`);
  return { value: result, warnings };
}

function pluginNames(item: unknown): string[] {
  if (!Array.isArray(item)) return [];
  return item.map((entry: unknown) =>
    entry !== null && typeof entry === "object" && "name" in entry ? String(entry.name) : String(entry),
  );
}

function hasPath(value: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return true;
  return (
    value !== null &&
    typeof value === "object" &&
    key in value &&
    hasPath((value as Record<string, unknown>)[key], rest)
  );
}
