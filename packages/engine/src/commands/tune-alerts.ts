import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { describeSystemError, UserError } from "@falco-efk/kit";

/** Alerts of one rule that look alike: the same process, with what else they have in common. */
export interface AlertGroup {
  readonly fields: readonly string[];
  readonly comps: readonly string[];
  readonly values: readonly string[];
  readonly alerts: number;
}

/** What a file of alerts holds. */
export interface AlertTally {
  readonly lines: number;
  /** Lines that are no alert. */
  readonly foreign: number;
  readonly rules: ReadonlyMap<string, RuleTally>;
}

/** The alerts of one rule. */
export interface RuleTally {
  readonly alerts: number;
  /** Most alerts first. */
  readonly groups: readonly AlertGroup[];
}

interface Gathered {
  alerts: number;
  readonly processes: Map<string, Bundle>;
}

interface Bundle {
  readonly identity: string;
  readonly process: string;
  alerts: number;
  /** For each further field: the one value that all alerts share, or what their paths begin with; undefined: they differ. */
  readonly shared: Map<string, { readonly comp: "=" | "startswith"; readonly value: string } | undefined>;
}

// What tells a process, the most exact first, and what may narrow an exception further.
const IDENTITIES = ["proc.exepath", "proc.exe", "proc.name"];
const FURTHER = ["proc.pname", "fd.name", "container.image.repository"];

/**
 * Reads Falco's JSON alerts and bundles them by rule and process. A bundle's further fields are those that are the same in
 * all of its alerts; file names that differ count as what they begin with, if that is a directory.
 *
 * @param usable says of a field whether an exception can compare it
 * @throws UserError when the file can't be read
 */
export async function tallyAlerts(file: string, usable: (field: string) => boolean): Promise<AlertTally> {
  const rules = new Map<string, Gathered>();
  const identities = IDENTITIES.filter(usable);
  const further = FURTHER.filter(usable);
  let lines = 0;
  let foreign = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === "") continue;
      lines++;
      const alert = parseAlert(line);
      if (alert === null) foreign++;
      else gather(rules, alert, identities, further);
    }
  } catch (error) {
    throw new UserError(`the alerts can't be read: ${describeSystemError(error)}`, {
      code: "FILE_READ",
      file,
      cause: error,
    });
  }
  return { lines, foreign, rules: new Map([...rules].map(([name, gathered]) => [name, tallyOf(gathered)])) };
}

interface ParsedAlert {
  readonly rule: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function parseAlert(line: string): ParsedAlert | null {
  try {
    const value = JSON.parse(line) as { rule?: unknown; output_fields?: unknown } | null;
    if (typeof value?.rule !== "string" || typeof value.output_fields !== "object") return null;
    return { rule: value.rule, fields: (value.output_fields ?? {}) as Record<string, unknown> };
  } catch {
    return null;
  }
}

function gather(
  rules: Map<string, Gathered>,
  { rule, fields }: ParsedAlert,
  identities: readonly string[],
  further: readonly string[],
): void {
  let gathered = rules.get(rule);
  if (gathered === undefined) {
    gathered = { alerts: 0, processes: new Map() };
    rules.set(rule, gathered);
  }
  gathered.alerts++;
  const identity = identities.find((field) => textOf(fields[field]) !== null);
  if (identity === undefined) return;
  const process = textOf(fields[identity]) as string;
  const key = `${identity}\0${process}`;
  const bundle = gathered.processes.get(key);
  if (bundle === undefined) {
    const shared: Bundle["shared"] = new Map();
    for (const field of further) {
      const value = textOf(fields[field]);
      shared.set(field, value === null ? undefined : { comp: "=", value });
    }
    gathered.processes.set(key, { identity, process, alerts: 1, shared });
    return;
  }
  bundle.alerts++;
  for (const field of further) {
    const before = bundle.shared.get(field);
    if (before === undefined) continue;
    bundle.shared.set(field, common(field, before, textOf(fields[field])));
  }
}

function common(
  field: string,
  before: { readonly comp: "=" | "startswith"; readonly value: string },
  value: string | null,
): typeof before | undefined {
  if (value === null) return undefined;
  if (before.comp === "=" && before.value === value) return before;
  if (before.comp === "startswith" && value.startsWith(before.value)) return before;
  if (field !== "fd.name") return undefined;
  let length = 0;
  while (length < value.length && value[length] === before.value[length]) length++;
  const directory = value.slice(0, value.lastIndexOf("/", length - 1) + 1);
  return directory.length > 1 && directory.startsWith("/") ? { comp: "startswith", value: directory } : undefined;
}

/** A text that an exception can hold; a missing value can't be compared with. */
function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value !== "<NA>" && !value.includes("\0") ? value : null;
}

function tallyOf({ alerts, processes }: Gathered): RuleTally {
  const groups = [...processes.values()].map((bundle): AlertGroup => {
    const more = [...bundle.shared].flatMap(([field, shared]) => (shared === undefined ? [] : [{ field, ...shared }]));
    return {
      fields: [bundle.identity, ...more.map(({ field }) => field)],
      comps: ["=", ...more.map(({ comp }) => comp)],
      values: [bundle.process, ...more.map(({ value }) => value)],
      alerts: bundle.alerts,
    };
  });
  return { alerts, groups: groups.sort((a, b) => b.alerts - a.alerts) };
}
