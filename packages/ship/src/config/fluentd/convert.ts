import { UserError } from "@falco-efk/kit";
import { convertFilter } from "./filters.ts";
import { type ConvertedOutput, convertOutput } from "./outputs.ts";
import type { Section } from "./parse.ts";
import { type Lost, SectionReader, writeDollars } from "./section.ts";
import { type ConvertedSource, convertSource } from "./sources.ts";
import { matchesTag } from "./tags.ts";

/** A configuration of ours made of Fluentd's, and what was lost on the way, by file and line. */
export interface FluentdConversion {
  readonly config: Record<string, unknown>;
  readonly lost: readonly Lost[];
}

/** A `<filter>` or `<match>` in the scope of a label, read once. */
interface Stage {
  readonly reader: SectionReader;
  readonly section: Section;
  used: boolean;
}

const MOST_HOPS = 16;

/**
 * Follows each source through filters and labels to its output, as Fluentd routes by tag. What has no counterpart is listed.
 * Throws UserError (`IMPORT`) when nothing would be read or nowhere be written.
 */
export function convertFluentd(root: Section): FluentdConversion {
  const lost: Lost[] = [];
  const read = (section: Section): SectionReader => new SectionReader(section, lost);
  const stagesOf = (parent: Section): Stage[] =>
    parent.sections
      .filter(({ name }) => name === "filter" || name === "match")
      .map((section) => ({ section, reader: read(section), used: false }));
  const scopes = new Map<string, Stage[]>([["", stagesOf(root)]]);
  for (const section of root.sections) {
    if (section.name === "label") scopes.set(section.argument, stagesOf(section));
  }
  const errors = scopes.get("@ERROR");
  if (errors !== undefined) {
    scopes.delete("@ERROR");
    for (const { reader } of errors) reader.loseAll("what is refused goes to the dead letters: falco-ship dlq list");
  }
  const sources = root.sections
    .filter(({ name }) => name === "source")
    .flatMap((section) => convertSource(read(section)) ?? []);
  const outputs = new Map<SectionReader, ConvertedOutput | null>();
  const routed = sources.map((source) => route(source, scopes, outputs));
  const kept = routed.filter(({ end }) => end !== null);
  const [first] = kept;
  const chosen = first?.end ?? null;
  for (const stage of [...scopes.values()].flat()) {
    if (!stage.used) stage.reader.loseAll("no source that could be carried over leads to it");
  }
  for (const [match, output] of outputs) {
    if (output !== null && match !== chosen) match.loseAll("there is one output; run a second falco-ship for it");
  }
  loseOthers(root, lost);
  lost.sort((a, b) => (a.file === b.file ? a.line - b.line : 0));
  const output = chosen === null ? undefined : outputs.get(chosen);
  if (output === undefined || output === null) {
    const { file } = root;
    const why = sources.length === 0 ? "no source in it has a counterpart" : "no match in it has a counterpart";
    throw new UserError(why, { code: "IMPORT", file, hint: lost.map(tell).join("; ") || "it names none" });
  }
  const inputs = kept
    .filter(({ end }) => end === chosen)
    .map(({ source, processors }) => ({
      ...source.input,
      ...(processors.length === 0 ? {} : { processors }),
    }));
  const config = {
    inputs,
    output: output.output,
    ...(output.processors.length === 0 ? {} : { processors: output.processors }),
    registry: { path: "/var/lib/falco-ship" },
    ...logging(root),
  };
  return { config: writeDollars(config) as Record<string, unknown>, lost };
}

/** `fluent.conf:12: <buffer>: the file itself is the buffer` */
export function tell({ file, line, what, why }: Lost): string {
  return `${file}:${line}: ${what}: ${why}`;
}

interface Routed {
  readonly source: ConvertedSource;
  readonly processors: readonly unknown[];
  readonly end: SectionReader | null;
}

function route(
  source: ConvertedSource,
  scopes: ReadonlyMap<string, readonly Stage[]>,
  outputs: Map<SectionReader, ConvertedOutput | null>,
): Routed {
  const processors = [...source.processors];
  let label = source.label ?? "";
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const next = follow(scopes.get(label) ?? [], source.tag, processors, outputs);
    if (typeof next !== "string") return { source, processors, end: next };
    label = next;
  }
  return { source, processors, end: null };
}

/** Walks one scope. Answers where the events end, or the label that they go on to. */
function follow(
  stages: readonly Stage[],
  tag: string,
  processors: unknown[],
  outputs: Map<SectionReader, ConvertedOutput | null>,
): SectionReader | string | null {
  for (const stage of stages) {
    const { section, reader } = stage;
    if (!matchesTag(section.argument, tag)) continue;
    const again = stage.used;
    stage.used = true;
    if (section.name === "filter") {
      // Read a second time for another source, it would tell everything again.
      processors.push(...convertFilter(again ? new SectionReader(section, []) : reader, tag));
      continue;
    }
    const type = section.parameters.find(({ key }) => key === "@type" || key === "type")?.value;
    const label = section.parameters.find(({ key }) => key === "@label")?.value;
    if (type === "relabel" && label !== undefined) return label;
    if (type === "null") return null;
    if (!outputs.has(reader)) outputs.set(reader, convertOutput(reader));
    return outputs.get(reader) === null ? null : reader;
  }
  return null;
}

function loseOthers(root: Section, lost: Lost[]): void {
  for (const { name, argument, file, line, parameters } of root.sections) {
    if (["source", "filter", "match", "label"].includes(name)) continue;
    if (name === "system" && parameters.every(({ key }) => key === "log_level")) continue;
    const what = `<${[name, argument].filter((part) => part !== "").join(" ")}>`;
    lost.push({ file, line, what, why: "it has no counterpart" });
  }
  for (const { key, file, line } of root.parameters) {
    lost.push({ file, line, what: key, why: "it stands outside of any section" });
  }
}

const LEVELS: Readonly<Record<string, string>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  fatal: "error",
};

function logging(root: Section): Record<string, unknown> {
  const system = root.sections.find(({ name }) => name === "system");
  const level = LEVELS[system?.parameters.find(({ key }) => key === "log_level")?.value ?? ""];
  return level === undefined || level === "info" ? {} : { logging: { level } };
}
