/**
 * Writes docs/reference: `scripts/run.sh exec scripts/reference-pages.ts`. Each page is what the programs say of themselves
 * (field lists, JSON Schemas, --help); test/docs holds the pages to that. The page of the metrics is written from a running
 * suite by scripts/metrics-page.ts.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { type JsonSchema, schemaTable } from "./schema-table.ts";

const ROOT = new URL("..", import.meta.url);
const FOLDER = new URL("docs/reference/", ROOT);

/** The pages by file name, as they should be now. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const [fields, events, configuration, commands] = await Promise.all([
    fieldsPage(),
    eventsPage(),
    configurationPage(),
    commandsPage(),
  ]);
  return new Map([
    ["fields.md", fields],
    ["events.md", events],
    ["configuration.md", configuration],
    ["commands.md", commands],
  ]);
}

/** A page of docs/reference. */
export function referencePage(name: string): URL {
  return new URL(name, FOLDER);
}

async function fieldsPage(): Promise<string> {
  const list = await say("engine", "--list", "--format", "markdown");
  return page("Fields", "What conditions and outputs can name: `falco-engine --list`.", list);
}

async function eventsPage(): Promise<string> {
  const list = await say("engine", "--list-events", "--format", "markdown");
  return page(
    "Events",
    "What `evt.type` can be, and the parameters `evt.arg.NAME`: `falco-engine --list-events`.",
    list,
  );
}

async function configurationPage(): Promise<string> {
  const sections = [
    ["falco.yaml", "falco-engine, in Falco's own form; `-o key=value` sets one.", await schemaOf("engine")],
    [
      "ship.yml",
      "falco-ship; a dotted key is the same as nested ones; `-E key=value` sets one.",
      await schemaOf("ship"),
    ],
    ["alerts.yml", "falco-alert.", await schemaOf("alerts")],
  ] as const;
  const text = sections.map(([file, about, schema]) => `## ${file}\n\n${about}\n\n${schemaTable(schema)}`);
  return page("Configuration", "Every key of every file. An unknown one is refused with its line.", text.join("\n"));
}

/** The schema of a program's configuration. */
export async function schemaOf(name: "engine" | "ship" | "alerts"): Promise<JsonSchema> {
  if (name === "engine") return (await import("@falco-efk/engine")).CONFIG_SCHEMA as JsonSchema;
  if (name === "ship") return (await import("@falco-efk/ship")).SHIP_SCHEMA as JsonSchema;
  return (await import("@falco-efk/alerts")).CONFIG_SCHEMA as JsonSchema;
}

async function commandsPage(): Promise<string> {
  const sections: string[] = [];
  for (const { folder, program } of programs()) {
    const helps = await helpsOf(folder, program, []);
    sections.push(`## ${program}\n\n${helps.map((help) => `\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`).join("\n")}`);
  }
  return page("Commands", "What each program answers to `--help`.", sections.join("\n"));
}

/** The help of a command, and that of each of its own commands. */
async function helpsOf(folder: string, program: string, path: readonly string[]): Promise<string[]> {
  const help = await say(folder, ...path, "--help");
  const commands = help.split(/^Commands:$/m)[1] ?? "";
  const names = [...commands.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name ?? "");
  const below = await Promise.all(
    names.filter((name) => name !== "help").map((name) => helpsOf(folder, program, [...path, name])),
  );
  return [help, ...below.flat()];
}

/** Every package with a program, in the order of the alphabet. */
export function programs(): readonly { readonly folder: string; readonly program: string }[] {
  return readdirSync(new URL("packages/", ROOT)).flatMap((folder) => {
    const text = readFileSync(new URL(`packages/${folder}/package.json`, ROOT), "utf8");
    const { bin } = JSON.parse(text) as { bin?: Readonly<Record<string, string>> };
    return Object.keys(bin ?? {}).map((program) => ({ folder, program }));
  });
}

async function say(folder: string, ...args: readonly string[]): Promise<string> {
  const cli = new URL(`packages/${folder}/src/cli.ts`, ROOT).pathname;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@falco-efk/source", "--disable-warning=ExperimentalWarning", cli, ...args],
    { maxBuffer: 16 << 20 },
  );
  return stdout;
}

function page(title: string, about: string, content: string): string {
  return `# ${title}\n\n<!-- Written by scripts/reference-pages.ts. -->\n\n${about}\n\n${content.trimEnd()}\n`;
}

if (import.meta.main) {
  for (const [name, text] of await referencePages()) writeFileSync(referencePage(name), text);
}
