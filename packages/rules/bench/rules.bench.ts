/** Rule evaluation: events a second compiled against interpreted, growth with the number of rules, load and compile time. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { interpret, loadRules, type RuleFile, type Ruleset } from "../src/index.ts";
import { dependsOnPath, type TableEvent, tableResolver } from "../test/support/table-resolver.ts";
import { type MixEntry, makeMix } from "./mix.ts";

const root = join(import.meta.dirname, "../../..");
const stock = join(root, "../shared/stock-rules");
const folder = existsSync(stock) ? stock : join(root, "rules");

function ruleFiles(): readonly RuleFile[] {
  const paths = globSync(join(folder, "*.yaml")).sort((a, b) => basename(b).localeCompare(basename(a)));
  return paths.map((path) => ({ name: basename(path), text: readFileSync(path, "utf8") }));
}

function load(files: readonly RuleFile[]): Ruleset<TableEvent> {
  const { ruleset, diagnostics } = loadRules(files, { resolver: tableResolver, dependsOnPath });
  if (ruleset === null) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
  return ruleset;
}

interface Rate {
  readonly perSecond: number;
  readonly nanoseconds: number;
  readonly matched: number;
}

/** Runs for about `milliseconds` and gives the best of five parts, the one that the machine's other work disturbed least. */
function measure(mix: readonly MixEntry[], evaluate: (entry: MixEntry) => boolean, milliseconds: number): Rate {
  for (let warm = 0; warm < 3; warm++) for (const entry of mix) evaluate(entry);
  let best = Number.POSITIVE_INFINITY;
  let matched = 0;
  for (let part = 0; part < 5; part++) {
    const start = process.cpuUsage();
    const end = performance.now() + milliseconds / 5;
    let events = 0;
    do {
      matched = 0;
      for (const entry of mix) if (evaluate(entry)) matched++;
      events += mix.length;
    } while (performance.now() < end);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, ((user + system) * 1000) / events);
  }
  return { perSecond: 1e9 / best, nanoseconds: best, matched };
}

function interpreted(ruleset: Ruleset<TableEvent>): (entry: MixEntry) => boolean {
  const byType = new Map<number, Ruleset<TableEvent>["rules"]>();
  for (const type of ruleset.eventTypes)
    byType.set(
      type,
      ruleset.rules.filter((rule) => rule.eventTypes.includes(type)),
    );
  return ({ type, event }) => byType.get(type)?.some((rule) => interpret(rule.condition, event)) ?? false;
}

function show(what: string, rate: Rate, events: number): void {
  const share = ((100 * rate.matched) / events).toFixed(2);
  console.log(
    `${what.padEnd(46)} ${Math.round(rate.perSecond).toLocaleString("en").padStart(12)} events/s ${rate.nanoseconds.toFixed(0).padStart(7)} ns of CPU an event, ${share} % match`,
  );
}

function manyRules(count: number): RuleFile {
  const rules = Array.from({ length: count }, (_, index) => {
    const condition = `evt.type in (openat, open) and evt.is_open_read = true and fd.name startswith /srv/data/${index}/ and not proc.name in (reader${index}, backup)`;
    return `- rule: generated ${index}\n  desc: d\n  condition: ${condition}\n  output: read %fd.name\n  priority: NOTICE\n`;
  });
  return { name: `${count} rules`, text: rules.join("") };
}

const files = ruleFiles();
console.log(`rules: ${files.map((file) => file.name).join(", ")} in ${folder}`);
let ruleset = timedLoad("cold");
ruleset = timedLoad("warm");

function timedLoad(word: string): Ruleset<TableEvent> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const loaded = load(files);
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const used = ((user + system) / 1000).toFixed(0);
  console.log(`load and compile, ${word}: ${took.toFixed(0)} ms, ${used} ms of CPU (${loaded.rules.length} rules)`);
  return loaded;
}

for (const [name, matching] of [
  ["a made-up mix, nothing matches", 0],
  ["a made-up mix, 1 % match", 19],
] as const) {
  const mix = makeMix(20_000, matching);
  const compiled = measure(mix, ({ type, event }) => ruleset.evaluate(event, type).length > 0, 3000);
  show(`compiled, ${name}`, compiled, mix.length);
  const walked = measure(mix, interpreted(ruleset), 3000);
  show(`interpreted, ${name}`, walked, mix.length);
  console.log(`  compiled is ${(walked.nanoseconds / compiled.nanoseconds).toFixed(1)} times as fast`);
  if (compiled.matched !== walked.matched) throw new Error("the compiled rules and the interpreter disagree");
}

for (const count of [10, 100, 1000]) {
  const generated = load([manyRules(count)]);
  const mix = makeMix(5000, 0);
  show(
    `compiled, ${count} generated rules`,
    measure(mix, ({ type, event }) => generated.evaluate(event, type).length > 0, 1000),
    mix.length,
  );
}
