/**
 * Rule evaluation: events a second on one core compiled against interpreted, growth with the number of rules, load and compile time.
 *
 *     npm run bench -- rules [--capture FILE]
 *
 * The recorded mix is bench/rules/build.capture (bench/rules/record.ts says what it holds and makes it anew) or the
 * capture named. Its events are measured twice: as the values that the real fields read from them, which is the rules
 * alone, and with the fields being read, none remembered from one evaluation to the next. In the second mix 1 % of the
 * events are ones that match, from packages/up/captures/sample.capture.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { EventContext } from "@falco-efk/fields";
import type { Ruleset } from "@falco-efk/rules";
import { createFieldBinding } from "../packages/engine/src/event-state.ts";
import { dependsOnPath, tableResolver } from "../packages/rules/test/support/table-resolver.ts";
import { makeMix } from "./rules/made-up-mix.ts";
import { measure, type Rate, rateLine } from "./rules/measure.ts";
import { type RecordedEvent, readMix, replay } from "./rules/recorded-mix.ts";
import { interpreted, load, manyRules, ruleFiles } from "./rules/rule-sets.ts";
import { createValueTable } from "./rules/value-table.ts";

interface Comparison {
  readonly name: string;
  readonly compiled: Rate;
  readonly interpreted: Rate;
  readonly ratio: number;
}

const ROOT = join(import.meta.dirname, "..");
const { values } = parseArgs({ options: { capture: { type: "string" } } });
const capture = resolve(values.capture ?? join(import.meta.dirname, "rules/build.capture"));
const loadBefore = loadavg();

const { from, files } = ruleFiles();
console.log(`rules: ${from}, ${files.map((file) => file.name).join(", ")}`);
const fields = createFieldBinding();
const loads = ["cold", "warm"].map((word) => ({ word, ...timedLoad(word) }));
const ruleset = (loads[1] as (typeof loads)[number]).loaded;

const recorded = await readMix(capture);
const sample = await readMix(join(ROOT, "packages/up/captures/sample.capture"));
console.log(`recorded mix: ${recorded.length} events of ${relative(ROOT, capture)}`);
const table = createValueTable(fields.resolver);
const overValues = load(files, { ...fields, resolver: table.resolver });
const mixes = [
  ...compareBoth("recorded mix", recorded),
  ...compareBoth("recorded mix, 1 % match", withMatches(recorded, sample, ruleset)),
];
const replayed = await timedReplay();
const growth = [
  ...grow("by the path's beginning", (index) => `fd.name startswith /srv/data/${index}/`),
  ...grow("by a part of the path", (index) => `fd.name contains /data/${index}/`),
];

const date = new Date().toISOString();
const result = {
  date,
  machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, loadBefore },
  rules: { from, files: files.map((file) => file.name), enabled: ruleset.rules.length },
  mix: {
    source: relative(ROOT, capture),
    events: recorded.length,
    types: [...new Set(recorded.map(({ type }) => type))].length,
  },
  load: loads.map(({ word, milliseconds, cpuMilliseconds }) => ({ word, milliseconds, cpuMilliseconds })),
  mixes,
  replay: replayed,
  growth,
};
mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
const kept = `results/rules-${date.slice(0, 10)}.json`;
writeFileSync(join(import.meta.dirname, kept), `${JSON.stringify(result, null, 2)}\n`);
console.log(`kept in bench/${kept}`);

function timedLoad(word: string): { loaded: Ruleset<EventContext>; milliseconds: number; cpuMilliseconds: number } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const loaded = load(files, fields);
  const milliseconds = Math.round(performance.now() - start);
  const { user, system } = process.cpuUsage(cpu);
  const cpuMilliseconds = Math.round((user + system) / 1000);
  console.log(
    `load and compile, ${word}: ${milliseconds} ms, ${cpuMilliseconds} ms of CPU (${loaded.rules.length} rules)`,
  );
  return { loaded, milliseconds, cpuMilliseconds };
}

/** The same events, of which every hundredth is another capture's that matches, in turn. */
function withMatches(
  mix: readonly RecordedEvent[],
  others: readonly RecordedEvent[],
  rules: Ruleset<EventContext>,
): readonly RecordedEvent[] {
  const matches = ({ context, record, type }: RecordedEvent): boolean =>
    rules.evaluate(context.begin(record), type).length > 0;
  const quiet = mix.filter((entry) => !matches(entry));
  const loud = others.filter(matches);
  return quiet.map((entry, index) => (index % 100 === 0 ? (loud[(index / 100) % loud.length] ?? entry) : entry));
}

function compareBoth(name: string, mix: readonly RecordedEvent[]): readonly Comparison[] {
  const values = mix.map(({ context, record, type }) => ({ type, event: table.read(context.begin(record)) }));
  const walkValues = interpreted(overValues);
  const walk = interpreted(ruleset);
  return [
    compare(name, [
      measure(values, ({ event, type }) => overValues.evaluate(event, type).length > 0, 3000),
      measure(values, ({ event, type }) => walkValues(event, type), 3000),
    ]),
    compare(`${name}, fields being read`, [
      measure(mix, ({ context, record, type }) => ruleset.evaluate(context.begin(record), type).length > 0, 3000),
      measure(mix, ({ context, record, type }) => walk(context.begin(record), type), 3000),
    ]),
  ];
}

function compare(name: string, [compiled, walked]: readonly [Rate, Rate]): Comparison {
  console.log(rateLine(`${name}, compiled`, compiled));
  console.log(rateLine(`${name}, interpreted`, walked));
  const ratio = Math.round((10 * walked.nanoseconds) / compiled.nanoseconds) / 10;
  console.log(`  compiled is ${ratio} times as fast`);
  if (compiled.matched !== walked.matched) throw new Error("the compiled rules and the interpreter disagree");
  return { name, compiled, interpreted: walked, ratio };
}

async function timedReplay(): Promise<object> {
  let best = Number.POSITIVE_INFINITY;
  let events = 0;
  for (let round = 0; round < 12; round++) {
    const start = process.threadCpuUsage();
    events = await replay(capture, (event, type) => ruleset.evaluate(event, type));
    const { user, system } = process.threadCpuUsage(start);
    best = Math.min(best, ((user + system) * 1000) / events);
  }
  console.log(`replay from the file, frames, state and rules: ${best.toFixed(0)} ns of CPU an event`);
  return { events, nanoseconds: Math.round(best) };
}

function grow(name: string, clause: (index: number) => string): { name: string; rules: number; rate: Rate }[] {
  const mix = makeMix(5000, 0);
  return [10, 100, 1000].map((rules) => {
    const generated = load([manyRules(rules, clause)], { resolver: tableResolver, dependsOnPath });
    const rate = measure(
      mix,
      ({ type, event }) => generated.evaluate(event, type).length > 0,
      rules < 1000 ? 1500 : 6000,
    );
    console.log(rateLine(`${rules} generated rules, told apart ${name}`, rate));
    return { name, rules, rate };
  });
}
