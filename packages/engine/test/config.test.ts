import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { describeFailure } from "@falco-efk/kit";
import { parse, stringify } from "yaml";
import { type LoadedConfig, loadConfig } from "../src/config/load.ts";
import { CONFIG_SCHEMA } from "../src/config/schema.ts";
import { temporaryFolder } from "./support.ts";

function load(file: string | null, assignments: string[] = [], environment: Record<string, string> = {}): LoadedConfig {
  return loadConfig({ file, assignments, environment });
}

/** Every key that Falco 0.44's own falco.yaml sets. */
const FALCO_KEYS = `
config_files: [/does/not/exist]
watch_config_files: true
rules_files: [/etc/falco/falco_rules.yaml, /etc/falco/rules.d]
engine:
  kind: modern_ebpf
  kmod: {buf_size_preset: 4, drop_failed_exit: false}
  modern_ebpf: {cpus_for_each_buffer: 2, buf_size_preset: 4, drop_failed_exit: false, disable_iterators: false}
  replay: {capture_file: ""}
capture: {enabled: false, path_prefix: /tmp/falco, mode: rules, default_duration: 5000}
load_plugins: []
plugins: [{name: container, library_path: libcontainer.so, init_config: {label_max_len: 100, with_size: false}}]
plugins_hostinfo: true
time_format_iso_8601: false
buffer_format_base64: false
priority: debug
json_output: false
json_include_output_property: true
json_include_message_property: false
json_include_output_fields_property: true
json_include_tags_property: true
buffered_outputs: false
rule_matching: first
outputs_queue: {capacity: 0}
append_output: [{suggested_output: true}]
stdout_output: {enabled: true}
syslog_output: {enabled: true}
file_output: {enabled: false, keep_alive: false, filename: ./events.txt}
http_output: {enabled: false, url: "", user_agent: falcosecurity/falco, insecure: false, ca_cert: "", ca_bundle: "", ca_path: /etc/ssl/certs, mtls: false, client_cert: /etc/ssl/certs/client.crt, client_key: /etc/ssl/certs/client.key, echo: false, compress_uploads: false, keep_alive: false, max_consecutive_timeouts: 5}
program_output: {enabled: false, keep_alive: false, program: "jq '{text: .output}' | curl -d @- -X POST https://hooks.slack.com/services/XXX"}
webserver: {enabled: true, threadiness: 0, listen_port: 8765, listen_address: 0.0.0.0, k8s_healthz_endpoint: /healthz, prometheus_metrics_enabled: false, ssl_enabled: false, ssl_certificate: /etc/falco/falco.pem}
log_stderr: true
log_syslog: true
log_level: info
libs_logger: {enabled: true, severity: info}
output_timeout: 2000
syscall_event_timeouts: {max_consecutives: 1000}
syscall_event_drops: {threshold: .1, actions: [log, alert], rate: .03333, max_burst: 1, simulate_drops: false}
metrics: {enabled: false, interval: 1h, output_rule: true, output_file: "", rules_counters_enabled: true, resource_utilization_enabled: true, state_counters_enabled: true, kernel_event_counters_enabled: true, kernel_event_counters_per_cpu_enabled: false, libbpf_stats_enabled: true, plugins_metrics_enabled: true, kernel_iter_event_counters_enabled: true, jemalloc_stats_enabled: false, convert_memory_to_mb: true, include_empty_values: false}
base_syscalls: {custom_set: [], repair: false, all: false}
falco_libs: {thread_table_size: 262144, thread_table_auto_purging_interval_s: 300, thread_table_auto_purging_thread_timeout_s: 300, snaplen: 80}
`;

test("every key of Falco's own configuration is taken, and those without effect are named once", (t) => {
  const file = join(temporaryFolder(t), "falco.yaml");
  writeFileSync(file, FALCO_KEYS);
  const { config, warnings } = load(file);
  assert.deepEqual(config.rules_files, ["/etc/falco/falco_rules.yaml", "/etc/falco/rules.d"]);
  assert.equal(config.priority, "Debug");
  assert.equal(config.webserver.listen_address, "0.0.0.0");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /keys without effect in this engine: capture, plugins_hostinfo, libs_logger, /);
});

/** What each of the 36 keys comes to: it has effect, some of its parts have none, it has none, or it says something at other values. */
const MEANING: Readonly<Record<string, "effect" | "parts" | "none">> = {
  config_files: "effect",
  watch_config_files: "effect",
  rules_files: "effect",
  engine: "parts",
  capture: "none",
  // The container plugin's fields are built in: naming it is no cause for a word.
  load_plugins: "effect",
  plugins: "effect",
  plugins_hostinfo: "none",
  time_format_iso_8601: "effect",
  buffer_format_base64: "effect",
  priority: "effect",
  json_output: "effect",
  json_include_output_property: "effect",
  json_include_message_property: "effect",
  json_include_output_fields_property: "effect",
  json_include_tags_property: "effect",
  buffered_outputs: "effect",
  rule_matching: "effect",
  outputs_queue: "effect",
  append_output: "effect",
  stdout_output: "effect",
  syslog_output: "effect",
  file_output: "effect",
  http_output: "effect",
  program_output: "effect",
  webserver: "parts",
  log_stderr: "effect",
  log_syslog: "effect",
  log_level: "effect",
  libs_logger: "none",
  output_timeout: "effect",
  syscall_event_timeouts: "none",
  syscall_event_drops: "effect",
  metrics: "parts",
  base_syscalls: "none",
  falco_libs: "parts",
};

test("each of Falco's 36 keys alone has effect, or is named once in a warning", (t) => {
  const folder = temporaryFolder(t);
  const document = parse(FALCO_KEYS) as Record<string, unknown>;
  assert.deepEqual(Object.keys(document).sort(), Object.keys(MEANING).sort());
  for (const [key, meaning] of Object.entries(MEANING)) {
    const file = join(folder, `${key}.yaml`);
    writeFileSync(file, stringify({ [key]: document[key] }));
    const { config, warnings } = load(file);
    const named = warnings.filter((warning) => warning.includes(`: ${key}`));
    if (meaning === "effect") assert.deepEqual(warnings, [], key);
    else assert.equal(named.length, 1, `${key}: ${warnings.join("; ")}`);
    if (meaning === "none") assert.ok(named[0]?.endsWith(`engine: ${key}`), named[0]);
    if (meaning === "parts") assert.ok(named[0]?.includes(`${key}.`), named[0]);
    assert.ok(key in config || meaning === "none" || key.includes("plugins"), key);
  }
});

test("the schema knows exactly the keys of Falco's configuration, and says something about each", () => {
  const document = CONFIG_SCHEMA as unknown as { properties: Record<string, { description?: string }> };
  const falco = [...FALCO_KEYS.matchAll(/^([a-z_0-9]+):/gm)].map((match) => match[1] ?? "");
  assert.equal(falco.length, 36);
  const own = Object.keys(document.properties);
  assert.deepEqual(
    falco.filter((key) => !own.includes(key)),
    [],
  );
  assert.deepEqual(own.filter((key) => !falco.includes(key)).sort(), ["rule_files", "rules", "static_fields"]);
  for (const [key, schema] of Object.entries(document.properties)) assert.ok(schema.description, key);
});

test("old forms are taken with a word about the new ones", (t) => {
  const file = join(temporaryFolder(t), "falco.yaml");
  writeFileSync(
    file,
    "rules_file: /etc/falco_rules.yaml\noutputs: {rate: 1}\ngrpc: {enabled: false}\njson_output: 'true'\n",
  );
  const { config, warnings } = load(file);
  assert.deepEqual(config.rules_files, ["/etc/falco_rules.yaml"]);
  assert.equal(config.json_output, true);
  assert.match(warnings.join("\n"), /rules_file is the old name of rules_files/);
  assert.match(warnings.join("\n"), /outputs has no effect/);
  assert.match(warnings.join("\n"), /grpc has no effect/);
});

test("references to the environment are replaced in values, and a doubled dollar keeps one", (t) => {
  const file = join(temporaryFolder(t), "falco.yaml");
  writeFileSync(
    file,
    "program_output: {program: '${CMD} $${HOME} $$ $1'}\nwebserver: {listen_port: '${PORT}'}\nhttp_output: {url: '${UNSET}'}\n",
  );
  const { config } = load(file, [], { CMD: "mail", PORT: "9999" });
  assert.equal(config.program_output.program, "mail ${HOME} $$ $1");
  assert.equal(config.webserver.listen_port, 9999);
  assert.equal(config.http_output.url, "");
});

test("included files append, override or only add, and later options win over all", (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  mkdirSync(at("d"));
  writeFileSync(at("d/2.yaml"), "rules_files: [two]\npriority: error\n");
  writeFileSync(at("d/1.yaml"), "rules_files: [one]\npriority: notice\n");
  writeFileSync(at("override.yaml"), "rules_files: [only]\n");
  writeFileSync(at("add.yaml"), "priority: alert\njson_output: true\n");
  const main = (includes: string): string => {
    writeFileSync(at("falco.yaml"), `rules_files: [main]\nconfig_files: ${includes}\n`);
    return at("falco.yaml");
  };
  const appended = load(main(`["${at("d")}", /missing]`));
  assert.deepEqual(appended.config.rules_files, ["main", "one", "two"]);
  assert.equal(appended.config.priority, "Error");
  assert.deepEqual(appended.files, [at("falco.yaml"), at("d/1.yaml"), at("d/2.yaml")]);
  assert.deepEqual(appended.folders, [at("d")]);
  const overridden = load(main(`[{path: "${at("override.yaml")}", strategy: override}]`));
  assert.deepEqual(overridden.config.rules_files, ["only"]);
  const added = load(main(`["${at("d")}", {path: "${at("add.yaml")}", strategy: add-only}]`), ["priority=info"]);
  assert.equal(added.config.json_output, true);
  assert.equal(added.config.priority, "Informational");
});

test("options reach any key, list items included", () => {
  const { config } = load(null, [
    "webserver.listen_port=1234",
    "rules_files[0]=/a",
    "rules_files[]=/b",
    'rules[]={disable: {rule: "*"}}',
    "static_fields.a\\.b=x",
    "http_output.url=http://host/?a=b",
  ]);
  assert.equal(config.webserver.listen_port, 1234);
  assert.deepEqual(config.rules_files, ["/a", "/b"]);
  assert.deepEqual(config.rules, [{ disable: { rule: "*" } }]);
  assert.deepEqual(config.static_fields, { "a.b": "x" });
  assert.equal(config.http_output.url, "http://host/?a=b");
});

const FAULTS: readonly (readonly [what: string, content: string, options: readonly string[], error: RegExp])[] = [
  [
    "an unknown key",
    "json_outptu: true\n",
    [],
    /falco\.yaml:1:\d+: json_outptu: unknown key \(did you mean json_output\?\)/,
  ],
  ["an unknown key below", "a: 1\n", [], /falco\.yaml:1:\d+: a: unknown key/],
  [
    "a number out of range",
    "webserver:\n  listen_port: 70000\n",
    [],
    /falco\.yaml:2:\d+: webserver\.listen_port: must be <= 65535/,
  ],
  ["a word that is none of a set", "rule_matching: some\n", [], /rule_matching: must be one of first, all/],
  ["a priority that is none", "priority: loud\n", [], /priority: must be one of emergency, alert/],
  ["a text for a section", "file_output: yes please\n", [], /file_output: must be object/],
  ["broken YAML", "a: [1\n", [], /falco\.yaml:\d+:\d+: /],
  ["a list for a file", "- a\n", [], /a configuration is a set of `key: value` lines/],
  [
    "an action that is none",
    "syscall_event_drops: {actions: [explode]}\n",
    [],
    /actions\[0\]: must be one of ignore, log, alert, exit/,
  ],
  ["an option without =", "", ["json_output"], /-o json_output: there is no = \(write -o key\.sub=value/],
  [
    "an option of an unknown key",
    "",
    ["webserver.listn_port=1"],
    /-o: webserver\.listn_port: unknown key \(did you mean listen_port/,
  ],
  ["an option of the wrong type", "", ["webserver.listen_port=high"], /-o: webserver\.listen_port: must be integer/],
  ["an option that skips list items", "", ["rules_files[7]=x"], /the path does not fit/],
  ["an option with an odd escape", "", ["a\\b=1"], /a backslash stands before/],
];

for (const [what, content, options, error] of FAULTS) {
  test(`${what} is one clear line`, (t) => {
    const file = join(temporaryFolder(t), "falco.yaml");
    writeFileSync(file, content);
    assert.throws(
      () => load(file, [...options]),
      (thrown) => {
        const line = describeFailure(thrown);
        assert.match(line, error);
        assert.ok(!line.includes("\n    at "), line);
        return true;
      },
    );
  });
}

test("an included file that includes others, or the main file itself, is refused", (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "falco.yaml");
  writeFileSync(join(folder, "inner.yaml"), "config_files: [x]\n");
  writeFileSync(file, `config_files: ["${join(folder, "inner.yaml")}"]\n`);
  assert.throws(() => load(file), /can't include others/);
  writeFileSync(file, `config_files: ["${file}"]\n`);
  assert.throws(() => load(file), /can't include itself/);
});
