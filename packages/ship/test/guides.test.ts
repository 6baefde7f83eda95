import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { convertFluentd, tell } from "../src/config/fluentd/convert.ts";
import { parseFluentd } from "../src/config/fluentd/parse.ts";
import { checkConfig, loadConfig } from "../src/index.ts";
import { temporaryFolder } from "./support/ship-process.ts";

function guide(name: string): string {
  return readFileSync(new URL(`../../../docs/guides/${name}.md`, import.meta.url), "utf8");
}

/** The code block that begins with this comment. */
function block(text: string, first: string): string {
  const start = text.indexOf(`# ${first}\n`);
  assert.ok(start >= 0, `${first} is not in the guide`);
  return text.slice(start, text.indexOf("```", start));
}

function load(text: string): ReturnType<typeof loadConfig> {
  using folder = temporaryFolder();
  const file = join(folder.path, "x.yml");
  writeFileSync(file, text);
  return loadConfig(file, { lookup: () => "set" });
}

test("both forms in the guide for those who come from Filebeat mean the same", () => {
  const text = guide("coming-from-filebeat");
  const theirs = load(block(text, "filebeat.yml"));
  const ours = load(block(text, "ship.yml"));
  assert.deepEqual(theirs.inputs, ours.inputs);
  assert.deepEqual(theirs.output, ours.output);
  assert.deepEqual(
    theirs.processors.map((step) => Object.keys(step as object)[0]?.split(".")[0]),
    ours.processors.map((step) => Object.keys(step as object)[0]),
  );
});

test("what the guide for those who come from Fluentd shows is what import makes of it, to the line", () => {
  const text = guide("coming-from-fluentd");
  // The comment stands for the file's name.
  const source = block(text, "fluent.conf").replace(/^.*\n/, "");
  const { config, lost } = convertFluentd(parseFluentd(source, "fluent.conf", () => []));
  assert.deepEqual(checkConfig(config), load(block(text, "ship.yml")));
  for (const line of lost.map(tell)) assert.ok(text.includes(`${line}\n`), line);
});
