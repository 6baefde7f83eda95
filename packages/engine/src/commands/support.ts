import { hostname, machine, release, type as systemName, version as systemVersion } from "node:os";
import type { LoadedConfig } from "../config/load.ts";
import type { RuleText } from "../rule-files.ts";
import { FALCO_VERSION, versions } from "../versions.ts";

/** The JSON of `--support`: versions, system, configuration and rules files with their content, as Falco lays it out. */
export function supportText(config: LoadedConfig, rules: readonly RuleText[], commandLine: readonly string[]): string {
  const support = {
    cmdline: commandLine.join(" "),
    config: JSON.stringify(withoutSecrets(config.values)),
    engine_info: versions(),
    rules_files: rules.map(({ name, text }) => ({ name, variants: [{ content: text }] })),
    system_info: {
      machine: machine(),
      nodename: hostname(),
      release: release(),
      sysname: systemName(),
      version: systemVersion(),
    },
    version: FALCO_VERSION,
  };
  return `${JSON.stringify(support)}\n`;
}

/** A URL may hold a token and a command line a password: people paste this into bug reports. */
function withoutSecrets(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const hide = (section: unknown, key: string): unknown =>
    section !== null &&
    typeof section === "object" &&
    key in section &&
    (section as Record<string, unknown>)[key] !== ""
      ? { ...section, [key]: "(not shown)" }
      : section;
  return {
    ...values,
    ...(values["http_output"] === undefined ? {} : { http_output: hide(values["http_output"], "url") }),
    ...(values["program_output"] === undefined ? {} : { program_output: hide(values["program_output"], "program") }),
  };
}
