/**
 * Writes docs/rules.md: `scripts/run.sh exec scripts/rules-page.ts`. What it says of each rule is what falco-generate
 * performs, and test/stock-rules holds that to the live kernel.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { ACTIONS, type RuleSet, UNPROVOKED } from "@falco-efk/generate";

const RULES = new URL("../rules/falco_rules.yaml", import.meta.url);

/** Where the page lies. */
export const RULES_PAGE: URL = new URL("../docs/rules.md", import.meta.url);

interface DefaultRule {
  readonly name: string;
  readonly priority: string;
  readonly description: string;
  readonly enabled: boolean;
}

/** The whole page, from the rule file and falco-generate's actions. */
export function rulesPage(): string {
  const entries = [...ACTIONS, ...UNPROVOKED];
  const inSet = (set: RuleSet): typeof entries => entries.filter((entry) => entry.sets.includes(set));
  const stock = inSet("stock").sort((left, right) => left.rule.localeCompare(right.rule, "en"));
  const performed = stock.filter((entry) => "perform" in entry).length;
  return `# Rules

<!-- Written by scripts/rules-page.ts. -->

\`falco-generate run "RULE"\` performs what a rule detects, without harm: temporary files, copies of \`/bin/true\`,
network namespaces of their own, make-believe containers. \`test/stock-rules\` performs all of it under the engine's eyes,
with Falco's published rules and with ours, and checks each alert's process, event and file.

## Falco's published rules

The stable, incubating and sandbox files of Falco 0.44 have ${stock.length} rules. ${performed} fire here for their actions;
${stock.length - performed} can't be provoked without harm or as they are published.

| rule | fires here for |
|---|---|
${stock.map(stockLine).join("\n")}

## Our default rules

\`rules/falco_rules.yaml\` has ${defaultRules().length} rules under the names that Falco's users know, with conditions and texts of their own.
Each has an action (\`falco-generate run --all\`), so each action of Falco's event-generator has its rule here. ${defaultRules().filter(({ enabled }) => !enabled).length} of
them are off until \`rules: [{enable: {rule: NAME}}]\` turns them on: what they tell is everyday life on many machines.

| rule | priority | what it tells |
|---|---|---|
${defaultRules().map(defaultLine).join("\n")}

## Ways round a rule

Falco holds a rule on a path against the name as the caller gave it, made absolute. falco-engine does that too, and then
against the path that the kernel opened and one more where the file is known by another (\`engine.match_realpath: false\`
leaves it at the name). \`test/rules/evasions.test.ts\` goes each of these ways under the engine's eyes.

| way | here | Falco |
|---|---|---|
${WAYS.map((way) => `| ${way.join(" | ")} |`).join("\n")}
`;
}

/** How a deed may be hidden, and who sees it all the same. */
const WAYS: readonly (readonly [way: string, here: string, falco: string])[] = [
  ["a relative name, a directory's descriptor, `openat2`", "seen", "seen"],
  ["a symbolic link, `/proc/self/fd/N`", "seen by the kernel's path", "the link's name only"],
  ["`chroot`", "seen by the path outside of it", "the name inside only"],
  ["a bind mount", "seen by the path outside of the mount", "the name below the mount only"],
  [
    "a hard link",
    "its making is told, and an open while the kernel still remembers the file's other name",
    "its making is told",
  ],
  ["a symbolic link to the folder of a file that is removed, renamed or made", "the name as given only", "the same"],
  ["`open_by_handle_at`", "not looked at", "no rule of its files looks at it"],
  ["io_uring: open, connect, accept", "seen", "not seen"],
  ["io_uring: any other call", "not seen", "not seen"],
  [
    "32-bit calls, `socketcall` among them",
    "seen with `engine.compat` on, as it is where the kernel takes them",
    "not seen",
  ],
  ["`argv[0]` or a thread's name that lies", "`proc.name` stays the program file's name", "the same"],
  [
    "a program file under a trusted name",
    "passes rules that trust names; `proc.exepath` shows where it lies",
    "the same",
  ],
  ["a path of 4,000 bytes", "seen whole", "cut"],
  [
    "kilobytes of variables or arguments in front of the one that tells",
    "the first 32 KiB and 16 KiB, and all while the program still runs",
    "the first 4 KiB",
  ],
];

function stockLine(entry: (typeof ACTIONS)[number] | (typeof UNPROVOKED)[number]): string {
  if ("reason" in entry) return `| ${entry.rule} | *not provoked*: ${entry.reason} |`;
  const needs: string[] = [];
  if (entry.needs.includes("modules")) needs.push("where the kernel has modules");
  if (ASKS_RUNTIME.has(entry.rule)) needs.push("where a runtime says so of the container: the test has one that does");
  return `| ${entry.rule} | ${entry.summary}${needs.map((need) => ` *(${need})*`).join("")} |`;
}

/** Rules on what only a container's runtime knows, for which a make-believe container isn't enough. */
const ASKS_RUNTIME: ReadonlySet<string> = new Set([
  "Debugfs Launched in Privileged Container",
  "Mount Launched in Privileged Container",
  "Launch Privileged Container",
  "Launch Sensitive Mount Container",
]);

function defaultRules(): DefaultRule[] {
  const text = readFileSync(RULES, "utf8");
  const blocks = text.split(/^- rule: /m).slice(1);
  return blocks.map((block) => ({
    name: block.slice(0, block.indexOf("\n")),
    priority: /^ {2}priority: (\w+)$/m.exec(block)?.[1] ?? "",
    description: (/^ {2}desc: (?:>\n)?([\s\S]*?)\n {2}condition:/m.exec(block)?.[1] ?? "").replace(/\s+/g, " ").trim(),
    enabled: !/^ {2}enabled: false$/m.test(block),
  }));
}

function defaultLine({ name, priority, description, enabled }: DefaultRule): string {
  return `| ${name} | ${priority} | ${description.replaceAll("|", "\\|")}${enabled ? "" : " *(off)*"} |`;
}

if (import.meta.main) writeFileSync(RULES_PAGE, rulesPage());
