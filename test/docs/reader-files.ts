import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/requirements.ts";

/** The files that the pages' commands name, as a reader would have them. */
export function writeReaderFiles(home: string): void {
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(home, name), `${lines.join("\n")}\n`);
  cpSync(join(ROOT, "packages/up/captures/sample.capture"), join(home, "seen.cap"));
  cpSync(join(ROOT, "rules"), join(home, "rules"), { recursive: true });
  write("falco.yaml", ["json_output: true", "stdout_output: { enabled: true }"]);
  write("my_rules.yaml", [
    "- rule: A file of mine is read",
    "  desc: Somebody reads it",
    "  condition: evt.type in (open, openat) and evt.dir = < and fd.name = /srv/mine",
    "  output: read (file=%fd.name command=%proc.cmdline)",
    "  priority: NOTICE",
    "- rule: Compiler in a container",
    "  desc: Somebody brought one",
    "  condition: evt.type = execve and container.id != host and proc.name in (gcc, cc1, clang)",
    "  output: compiler (command=%proc.cmdline)",
    "  priority: WARNING",
  ]);
  write("my_rules.test.yaml", [
    "rules: [my_rules.yaml]",
    "tests:",
    "  - name: my file",
    "    fields: { evt.type: openat, evt.dir: <, fd.name: /srv/mine, proc.cmdline: cat /srv/mine }",
    "    expect: [A file of mine is read]",
  ]);
  write("ship.yml", [
    "inputs: [{ type: filestream, paths: [falco_events.json] }]",
    "output.elasticsearch: { hosts: ['http://127.0.0.1:9200'] }",
    "registry.path: registry",
  ]);
  write("filebeat.yml", [
    "filebeat.inputs: [{ type: filestream, id: falco, paths: [falco_events.json] }]",
    "output.elasticsearch: { hosts: ['http://127.0.0.1:9200'] }",
  ]);
  write("fluent.conf", [
    "<source>",
    "  @type tail",
    "  path /var/log/falco_events.json",
    "  tag falco",
    "  <parse>",
    "    @type json",
    "  </parse>",
    "</source>",
    "<match falco>",
    "  @type elasticsearch",
    "  host 127.0.0.1",
    "  logstash_format true",
    "</match>",
  ]);
  write("alerts.yml", [
    "elasticsearch: { url: 'http://127.0.0.1:9200' }",
    "recipients:",
    "  channel: { type: webhook, url: 'http://127.0.0.1:8099/' }",
    "rules:",
    "  - name: many-events",
    "    when: count above 1000 in the last 5 minutes",
    "    recipients: [channel]",
  ]);
}
