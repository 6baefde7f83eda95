import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The configuration file that is read when `-c` names none and it is there. */
export const SYSTEM_CONFIG_FILE = "/etc/falco/falco.yaml";

/** What the engine does when there is no configuration file at all. */
export function defaultConfig(): Record<string, unknown> {
  const rules = defaultRulesFile();
  return {
    rules_files: rules === null ? [] : [rules],
    append_output: [{ suggested_output: true }],
    stdout_output: { enabled: true },
    webserver: { enabled: true, listen_address: "127.0.0.1", prometheus_metrics_enabled: true },
    log_stderr: true,
    log_syslog: false,
  };
}

/** The rules that come with the suite: beside the packages in the repository, inside this package when installed. Null when neither is there. */
export function defaultRulesFile(): string | null {
  const places = ["../../rules/falco_rules.yaml", "../../../../rules/falco_rules.yaml"];
  for (const place of places) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return file;
  }
  return null;
}
