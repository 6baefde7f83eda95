import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dayTemplate, mappingsTemplate } from "@falco-efk/elastic";
import { describeUserError, type UserError } from "@falco-efk/kit";
import { loadConfig } from "../src/index.ts";
import { runShip, temporaryFolder } from "./support/ship-process.ts";

const BASE = "output.stdout: {}\nregistry.path: /tmp/none\n";

function load(text: string, env: Record<string, string> = {}, overrides: string[] = []): ReturnType<typeof loadConfig> {
  using folder = temporaryFolder();
  const file = join(folder.path, "ship.yml");
  writeFileSync(file, text);
  return loadConfig(file, { lookup: (name) => env[name], overrides });
}

function faultOf(text: string, env: Record<string, string> = {}): string {
  try {
    load(text, env);
  } catch (error) {
    return describeUserError(error as UserError).replace(/^.*\/ship\.yml/, "ship.yml");
  }
  return "no fault";
}

test("a mistake is told with file, line and key, however the keys are written", () => {
  const cases = [
    ["output.stdout: {}\nhttp.portt: 1\n", "ship.yml:2:13: http.portt: unknown key (did you mean port?)"],
    [`${BASE}http:\n  port: many\n`, "ship.yml:4:9: http.port: must be integer"],
    [
      `${BASE}processors:\n  - drop_event:\n      when:\n        equalz: { a: 1 }\n`,
      "ship.yml:6:17: processors[0].drop_event.when.equalz: the condition equalz is not known (did you mean equals?)",
    ],
    [
      `${BASE}inputs:\n  - type: log\n    paths: [/x]\n    processors:\n      - rename:\n          feelds: []\n`,
      "ship.yml:8:11: inputs[0].processors[0].rename.fields: the processor rename: a list is expected",
    ],
    [
      `${BASE}logging.level: \${LEVEL}\n`,
      "ship.yml:3:16: logging.level: ${LEVEL}: it is not set (set the variable LEVEL)",
    ],
    [
      `${BASE}logging.level: \${LEVEL:?say how much}\n`,
      "ship.yml:3:16: logging.level: ${LEVEL:?say how much}: say how much (set the variable LEVEL)",
    ],
    [`${BASE}inputs:\n  - type: log\n`, "ship.yml:4:5: inputs[0].paths: names no files"],
    [
      "filebeat.inputs:\n- type: log\n  paths: [<<filepath-to-falco-events.txt>>]\noutput.stdout: {}\n",
      "ship.yml:3:11: filebeat.inputs.0.paths.0: <<filepath-to-falco-events.txt>> is a placeholder (replace it, brackets included, with your own value)",
    ],
  ] as const;
  for (const [text, expected] of cases) assert.equal(faultOf(text), expected, text);
});

test("variables have defaults, and are numbers, flags and lists where these are wanted", () => {
  const text = `output.elasticsearch.hosts: "\${HOSTS}"
http: { enabled: "\${ON:false}", port: "\${PORT:5066}" }
inputs: [{ type: log, paths: "\${PATHS}", max_line_bytes: "\${MOST:1MiB}" }]
`;
  const config = load(text, { HOSTS: "[http://a:1, http://b:2]", PATHS: "/a.json", PORT: "7" });
  assert.deepEqual(config.output.elasticsearch?.hosts, ["http://a:1", "http://b:2"]);
  assert.deepEqual([config.http.enabled, config.http.port], [false, 7]);
  assert.deepEqual(config.inputs[0]?.paths, ["/a.json"]);
  assert.equal(load(BASE, {}, ["http.port=81"]).http.port, 81);
  assert.equal(load(BASE, { P: "82" }, ["http.port=${P}"]).http.port, 82);
  assert.equal(load(`${BASE}dead_letter.path: "/x/$\${NOT}"\n`).dead_letter.path, "/x/${NOT}");
});

test("names with dots in a condition are names of fields, not of settings", () => {
  const text = `${BASE}processors:\n  - drop_event:\n      when:\n        equals:\n          output_fields.evt.num: 2\n`;
  const [processor] = load(text).processors as [{ drop_event: { when: unknown } }];
  assert.deepEqual(processor.drop_event.when, { equals: { "output_fields.evt.num": 2 } });
});

test("the configuration in force and the index template are printed", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "ship.yml");
  writeFileSync(file, "output.elasticsearch: { password: hunter2, hosts: [http://es:9200] }\n");
  const config = await runShip(["-c", file, "export", "config"]);
  assert.equal(config.code, 0, config.stderr);
  assert.match(config.stdout, /password: "\*\*\*"/);
  assert.match(config.stdout, /index: logstash-%\{\+yyyy\.MM\.dd\}/);
  const template = await runShip(["export", "template", "--es-version", "8.19.0"]);
  const parts = JSON.parse(template.stdout) as Record<string, unknown>;
  const target = { flavour: "elasticsearch", version: "8.19.0", lifecycle: "ilm" } as const;
  const options = { priority: 300, shards: 1, dataStream: false };
  assert.deepEqual(parts["/_index_template/falco-efk-logstash"], dayTemplate(target, options));
  assert.deepEqual(parts["/_component_template/falco-efk-mappings"], mappingsTemplate(target));
});
