import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventTypeByName, type FieldValue } from "@falco-efk/event";
import { UserError } from "@falco-efk/kit";
import { parse } from "yaml";
import { createTableResolver } from "../src/commands/field-table.ts";
import { type TuneReport, type TuneRequest, tune, tuneText } from "../src/commands/tune.ts";
import { loadConfig } from "../src/config/load.ts";
import { createFieldBinding } from "../src/event-state.ts";
import { loadRuleset } from "../src/load-ruleset.ts";
import { temporaryFolder } from "./support.ts";

const RULES = `- rule: Write below etc
  desc: d
  condition: evt.type = openat and fd.name startswith /etc
  output: o %proc.exepath %fd.name
  priority: ERROR
  exceptions:
  - name: tuned_proc_exepath_proc_pname_fd_name
    fields: [proc.name]
- rule: Shell
  desc: d
  condition: evt.type = execve and proc.name = sh
  output: o
  priority: NOTICE
`;
const { config } = loadConfig({ file: null, assignments: [], environment: {} });
const openat = eventTypeByName("openat")?.id as number;
const sample = fileURLToPath(new URL("../../up/captures/sample.capture", import.meta.url));
const defaults = fileURLToPath(new URL("../../../rules/falco_rules.yaml", import.meta.url));

interface Made {
  readonly report: TuneReport;
  readonly request: TuneRequest;
  readonly rulesFile: string;
}

async function tuned(t: TestContext, alerts: readonly unknown[], atLeast = 2): Promise<Made> {
  const folder = temporaryFolder(t);
  const rulesFile = join(folder, "rules.yaml");
  const file = join(folder, "falco_events.json");
  writeFileSync(rulesFile, RULES);
  writeFileSync(file, alerts.map((alert) => (typeof alert === "string" ? alert : JSON.stringify(alert))).join("\n"));
  const request = { alerts: file, config, paths: [rulesFile], capture: null, atLeast };
  return { report: await tune(request), request, rulesFile };
}

const write = (exepath: string, parent: string, name: string): object => ({
  rule: "Write below etc",
  output_fields: { "proc.exepath": exepath, "proc.pname": parent, "fd.name": name },
});

/** True when the rules with the proposal still alert on the event. */
function alertsOn({ report, rulesFile }: Made, event: Readonly<Record<string, FieldValue>>): boolean {
  const { resolver, dependsOnPath } = createFieldBinding();
  const more = [{ name: "proposal", text: report.rules }];
  const fields = { resolver: createTableResolver(resolver), dependsOnPath };
  const { ruleset } = loadRuleset({ config, paths: [rulesFile], more, ...fields });
  return ruleset.evaluate(new Map(Object.entries({ "evt.type": "openat", ...event })), openat).length > 0;
}

test("an exception holds what all alerts of a process have in common, and nothing wider", async (t) => {
  const made = await tuned(t, [
    write("/usr/bin/puppet", "cron", "/etc/motd"),
    write("/usr/bin/puppet", "cron", "/etc/cron.d/puppet"),
    write("/usr/bin/puppet", "cron", "/etc/cron.d/other"),
    write("/usr/bin/vi", "bash", "/etc/hosts"),
  ]);
  const [item] = parse(made.report.rules) as [{ exceptions: unknown; override: unknown }];
  assert.deepEqual(item.exceptions, [
    {
      name: "tuned_proc_exepath_proc_pname_fd_name_2",
      fields: ["proc.exepath", "proc.pname", "fd.name"],
      comps: ["=", "=", "startswith"],
      values: [["/usr/bin/puppet", "cron", "/etc/"]],
    },
  ]);
  assert.deepEqual(item.override, { exceptions: "append" });
  const event = { "proc.exepath": "/usr/bin/puppet", "proc.pname": "cron", "fd.name": "/etc/x" };
  assert.ok(!alertsOn(made, event));
  assert.ok(alertsOn(made, { ...event, "proc.pname": "bash" }));
  assert.ok(alertsOn(made, { ...event, "proc.exepath": "/usr/bin/vi" }));
});

test("what a path may hold comes through an exception unchanged", async (t) => {
  const names = ["a b", "(x)", "it's", 'say "hi"', "a,b", "- x: y", "#c", "back\\slash", "\ttab", "é"];
  for (const name of names) {
    const path = `/etc/${name}`;
    const made = await tuned(t, [write("/bin/a", "b", path), write("/bin/a", "b", path)]);
    const event = { "proc.exepath": "/bin/a", "proc.pname": "b", "fd.name": path };
    assert.ok(!alertsOn(made, event), path);
    assert.ok(alertsOn(made, { ...event, "fd.name": `${path}!` }), path);
  }
});

test("rules that are not loaded, missing values and lines that are no alert are told of and left out", async (t) => {
  const { report, request } = await tuned(t, [
    "not json",
    { rule: "Gone", output_fields: { "proc.name": "a" } },
    { rule: "Shell", output_fields: { "proc.name": null } },
    { rule: "Shell", output_fields: { "proc.name": null } },
  ]);
  assert.deepEqual([report.alerts, report.foreign, report.unknown, report.rules], [3, 1, ["Gone"], ""]);
  const text = tuneText(report, request);
  assert.match(text, /3 alerts in falco_events\.json, and 1 lines that are none/);
  assert.match(text, /nothing to propose/);
  assert.equal(parse(text), null);
});

test("a replay tells the alerts of each rule before and after", async (t) => {
  const alerts = join(temporaryFolder(t), "falco_events.json");
  const rule = "Create Symlink Over Sensitive Files";
  writeFileSync(alerts, `${JSON.stringify({ rule, output_fields: { "proc.name": "ln" } })}\n`.repeat(5));
  const request = { alerts, config, paths: [defaults], capture: sample, atLeast: 5 };
  const report = await tune(request);
  const effect = report.replay?.find((one) => one.rule === rule);
  assert.ok(effect !== undefined && effect.before > 0, JSON.stringify(report.replay));
  const others = report.replay?.filter((one) => one.rule !== rule) ?? [];
  assert.ok(others.every((one) => one.after === one.before));
  assert.match(tuneText(report, request), /^# +\d+ +\d+ {2}all$/m);
});

test("alerts that can't be read are one clear line", async () => {
  const request = { alerts: "/does/not/exist", config, paths: [defaults], capture: null, atLeast: 5 };
  await assert.rejects(tune(request), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /the alerts can't be read: no such file or directory/);
    return true;
  });
});
