import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Layout } from "./layout.ts";
import type { UpOptions } from "./options.ts";

/** The host that everything listens on. */
export const LOOPBACK = "127.0.0.1";

/** Writes the engine's configuration for these options and answers its path. Every JSON text is YAML, too. */
export function writeEngineConfig(layout: Layout, options: UpOptions): string {
  return write(layout, "falco.yaml", {
    ...(options.rules.length > 0 ? { rules_files: options.rules } : {}),
    json_output: true,
    json_include_tags_property: true,
    append_output: [{ suggested_output: true }],
    stdout_output: { enabled: false },
    syslog_output: { enabled: false },
    file_output: { enabled: true, keep_alive: true, filename: layout.eventsFile },
    webserver: {
      enabled: true,
      listen_address: LOOPBACK,
      listen_port: options.enginePort,
      prometheus_metrics_enabled: true,
    },
  });
}

/** Writes the shipper's configuration and answers its path. A replay is told from live events by a field of its own. */
export function writeShipConfig(layout: Layout, options: UpOptions, mode: "live" | "replay"): string {
  return write(layout, "ship.yml", {
    inputs: [
      {
        type: "filestream",
        paths: [layout.eventsFile],
        ...(mode === "replay" ? { fields: { mode: "REPLAY" }, fields_under_root: true } : {}),
      },
    ],
    "output.elasticsearch": { hosts: [`http://${LOOPBACK}:${options.esPort}`] },
    registry: { path: layout.registry },
    dead_letter: { path: layout.deadLetters },
    http: { host: LOOPBACK, port: options.shipPort },
  });
}

/** Writes falco-alert's configuration and answers its path: no rules, which are made in the console. */
export function writeAlertConfig(layout: Layout, options: UpOptions): string {
  return write(layout, "alerts.yml", {
    elasticsearch: { url: `http://${LOOPBACK}:${options.esPort}` },
    kibana_url: `http://${LOOPBACK}:${options.consolePort}`,
    api: { host: LOOPBACK, port: options.alertPort },
  });
}

function write(layout: Layout, name: string, content: object): string {
  const path = join(layout.generated, name);
  writeFileSync(
    path,
    `# Made by falco-efk at every start: change the command line's options instead.\n${toYaml(content)}`,
    {
      mode: 0o600,
    },
  );
  return path;
}

function toYaml(content: object): string {
  return Object.entries(content)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}
