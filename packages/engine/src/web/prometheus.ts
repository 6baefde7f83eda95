import { availableParallelism, release } from "node:os";
import { basename } from "node:path";
import { severityOf } from "@falco-efk/event";
import type { EngineView } from "../engine-view.ts";
import type { MemoryView } from "../memory/engine-memory.ts";
import { FALCO_VERSION } from "../versions.ts";

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: Labels;
  readonly value: number | bigint;
}

/** All metrics in Prometheus' text form, under the names that Falco gives them where it has them. */
export function prometheusText(view: EngineView): string {
  const source = view.source();
  const lines: string[] = [];
  const metric = (name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): void => {
    if (samples.length === 0) return;
    lines.push(`# HELP falcosecurity_${name} ${help}`, `# TYPE falcosecurity_${name} ${type}`);
    for (const { labels, value } of samples) lines.push(`falcosecurity_${name}${formatLabels(labels)} ${value}`);
  };
  const one = (value: number | bigint): Sample[] => [{ labels: {}, value }];
  const info = (labels: Labels): Sample => ({ labels, value: 1 });
  const engine = view.mode === "live" ? "modern_bpf" : view.mode === "replay" ? "savefile" : "nodriver";
  const seconds = Number((BigInt(Date.now()) * 1_000_000n - view.startedAt) / 1_000_000_000n);

  metric("falco_version_info", "gauge", "Version", [info({ version: FALCO_VERSION, falco_efk: view.version })]);
  metric("falco_kernel_release_info", "gauge", "Kernel", [info({ kernel_release: release() })]);
  metric("evt_hostname_info", "gauge", "Host name", [info({ hostname: view.hostname })]);
  metric("scap_engine_name_info", "gauge", "Event source", [info({ engine_name: engine, evt_source: "syscall" })]);
  metric("falco_sha256_rules_files_info", "gauge", "Loaded rules files", view.rulesFiles().map(fileLabels).map(info));
  metric(
    "falco_sha256_config_files_info",
    "gauge",
    "Loaded configuration files",
    view.configFiles().map(fileLabels).map(info),
  );
  metric("falco_start_timestamp_nanoseconds", "gauge", "Start of the engine", one(view.startedAt));
  metric("falco_reload_timestamp_nanoseconds", "gauge", "Last load of rules and configuration", one(view.reloadedAt()));
  metric("falco_duration_seconds_total", "counter", "Time since the start", one(seconds));
  metric("falco_host_num_cpus", "gauge", "CPUs of the host", one(availableParallelism()));
  metric("falco_evts_total", "counter", "Events evaluated", one(view.events()));
  metric("falco_rules_loaded", "gauge", "Rules that are evaluated", one(view.rulesLoaded()));
  metric("falco_reloads_refused_total", "counter", "Reloads refused", one(view.refusedReloads()));
  metric("falco_own_alerts_total", "counter", "Alerts left out because the engine caused them", one(view.ownAlerts()));
  metric("falco_memory_rss_bytes", "gauge", "Resident memory", one(process.memoryUsage.rss()));
  for (const { name, type, help, samples } of memorySamples(view.memory())) metric(name, type, help, samples);
  metric("falco_cpu_usage_seconds_total", "counter", "CPU time used", one(cpuSeconds()));
  metric(
    "falco_rules_matches_total",
    "counter",
    "Alerts by rule",
    view.counts
      .rules()
      .filter((rule) => rule.alerts > 0)
      .map((rule) => ({
        labels: {
          priority: String(severityOf(rule.priority)),
          rule_name: rule.name,
          source: rule.source,
          ...Object.fromEntries(rule.tags.map((tag) => [`tag_${tag.replace(/[^A-Za-z0-9_]/g, "_")}`, "true"])),
        },
        value: rule.alerts,
      })),
  );

  const outputs = Object.entries(view.outputs());
  const lost = outputs.reduce((sum, [, output]) => sum + output.dropped, 0);
  metric("falco_outputs_queue_num_drops_total", "counter", "Alerts that an output lost", one(lost));
  for (const key of ["accepted", "delivered", "dropped", "queued"] as const) {
    const name = key === "queued" ? "falco_output_queued" : `falco_output_${key}_total`;
    const type = key === "queued" ? "gauge" : "counter";
    metric(
      name,
      type,
      `Alerts ${key}, by output`,
      outputs.map(([output, counters]) => ({ labels: { output }, value: counters[key] })),
    );
  }
  for (const [table, size] of Object.entries(view.tables()))
    metric(`falco_n_${table}`, "gauge", `Remembered ${table}`, one(size));

  if (source !== null) {
    const drops = Object.entries(source.dropped);
    metric("scap_n_evts_total", "counter", "Events the kernel produced", one(source.produced));
    metric("scap_n_drops_total", "counter", "Events dropped", one(drops.reduce((sum, [, count]) => sum + count, 0)));
    metric(
      "scap_n_drops_by_cause_total",
      "counter",
      "Events dropped, by cause",
      drops.map(([cause, value]) => ({ labels: { cause }, value })),
    );
    const types = Object.entries(source.byType);
    metric(
      "scap_n_seen_total",
      "counter",
      "Events seen in the kernel or in a capture",
      types.map(([type, { seen }]) => ({ labels: { evt_type: type }, value: seen })),
    );
    metric(
      "scap_n_passed_total",
      "counter",
      "Events that passed the filter there",
      types.map(([type, { passed }]) => ({ labels: { evt_type: type }, value: passed })),
    );
  }
  return `${lines.join("\n")}\n`;
}

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly Sample[];
}

function memorySamples({ used, budget, collections, details }: MemoryView): Metric[] {
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  const kinds = Object.entries(details);
  const of = (what: "shed" | "reread" | "missing", help: string): Metric => ({
    name: `falco_memory_${what}_total`,
    type: "counter",
    help,
    samples: kinds.map(([detail, counters]) => ({ labels: { detail }, value: counters[what] })),
  });
  return [
    { name: "falco_memory_used_bytes", type: "gauge", help: "The same without the ring buffer", samples: one(used) },
    { name: "falco_memory_budget_bytes", type: "gauge", help: "The memory budget; 0: none", samples: one(budget) },
    {
      name: "falco_memory_collections_total",
      type: "counter",
      help: "Garbage collections to stay within the budget",
      samples: one(collections),
    },
    of("shed", "Details let go to stay within the budget"),
    of("reread", "Details let go, then read again from the system"),
    of("missing", "Details let go, then asked for and known to nobody"),
  ];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function fileLabels(file: { readonly name: string; readonly sha256: string }): Labels {
  return { file_name: basename(file.name), sha256: file.sha256 };
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
