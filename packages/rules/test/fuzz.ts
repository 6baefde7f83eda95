import { parseCondition } from "../src/filter/parser.ts";
import { loadRules } from "../src/index.ts";
import { CONDITION_CASES } from "./cases/conditions.ts";
import { ruleWith } from "./support/load.ts";
import { tableResolver } from "./support/table-resolver.ts";

/** What a fuzzing run found: inputs tried, and those that made the loader throw or took too long. */
export interface FuzzResult {
  readonly inputs: number;
  readonly failures: readonly { readonly input: string; readonly error: string }[];
}

const PIECES = [
  "(",
  ")",
  " and ",
  " or ",
  "not ",
  "not(",
  '"',
  "'",
  "\\",
  "\\x",
  "[",
  "]",
  "=",
  "!=",
  "<=",
  " in ",
  " pmatch ",
  " exists",
  " oneof ",
  "val(",
  "tolower(",
  "join(",
  "getopt(",
  ",",
  "\n",
  "\t",
  "\0",
  " ",
  "- ",
  ": ",
  "&a ",
  "*a",
  ">",
  "|",
  "#",
  "%",
  "{",
  "}",
  "evt.type",
  "fd.name",
  "proc.aname[2]",
  "0x",
  "1e+9",
  "99999999999999999999",
  "é",
  "\ud800",
  "- rule: ",
  "- macro: ",
  "- list: ",
  "condition: ",
  "items: ",
  "exceptions: ",
  "override: ",
  "append: true",
  "values: ",
  "*",
  "?",
  "[!",
  "a*b*c*",
  "(a+)+",
];

const CORPUS = [
  ...Object.values(CONDITION_CASES).flatMap((cases) => cases.map(([condition]) => condition)),
  "- list: a\n  items: [b, c]\n- macro: m\n  condition: proc.name in (a)\n",
  ruleWith(
    "evt.type = open and m",
    "  exceptions:\n  - name: e\n    fields: [fd.name, proc.name]\n    comps: [=, in]\n    values:\n    - [x, [y, z]]\n",
  ),
  "- rule: r\n  condition: and fd.num = 1\n  override:\n    condition: append\n",
];

function randomNumbers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * limit);
  };
}

function mutate(text: string, random: (limit: number) => number): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(result.length + 1);
    const end = at + random(6);
    const piece = PIECES[random(PIECES.length)] as string;
    switch (random(5)) {
      case 0:
        result = result.slice(0, at) + result.slice(end);
        break;
      case 1:
        result = result.slice(0, at) + piece + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + piece + result.slice(end);
        break;
      case 3:
        result = result.slice(0, at) + result.slice(at, end).repeat(1 + random(5)) + result.slice(end);
        break;
      default:
        result = result.slice(0, at) + (CORPUS[random(CORPUS.length)] as string).slice(random(20)) + result.slice(end);
    }
  }
  return result.slice(0, 4000);
}

/**
 * Feeds mutated conditions and rules files to the parser and the loader, which must answer with data, never throw, and be
 * quick. Every eighth input goes through the whole load, the others through the parser alone.
 */
export function fuzz(inputs: number, seed: number): FuzzResult {
  const random = randomNumbers(seed);
  const failures: { input: string; error: string }[] = [];
  let current = CORPUS[0] as string;
  for (let count = 0; count < inputs && failures.length < 10; count++) {
    current = mutate(random(3) === 0 ? current : (CORPUS[random(CORPUS.length)] as string), random);
    const input = current;
    const start = performance.now();
    const cpu = process.threadCpuUsage();
    try {
      if (count % 8 === 0) {
        const text = input.startsWith("- ") ? input : ruleWith(input.toWellFormed());
        loadRules([{ name: "fuzz", text }], { resolver: tableResolver });
      } else {
        parseCondition(input);
      }
    } catch (error) {
      failures.push({ input, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    // Asked for by the clock first, which is cheap: but a busy machine may have held this thread up.
    if (performance.now() - start > 3000) {
      const { user, system } = process.threadCpuUsage(cpu);
      if (user + system > 3_000_000) failures.push({ input, error: "took over three seconds of CPU" });
    }
  }
  return { inputs, failures };
}

if (import.meta.main) {
  const inputs = Number(process.argv[2] ?? 10_000_000);
  const seed = Number(process.argv[3] ?? 1);
  const start = performance.now();
  const { failures } = fuzz(inputs, seed);
  for (const { input, error } of failures) console.error(`${JSON.stringify(input)}\n${error}\n`);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${inputs.toLocaleString("en")} inputs from seed ${seed} in ${seconds} s: ${failures.length} failures`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
