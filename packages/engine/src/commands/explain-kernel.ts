import { EVENT_TYPES, type KernelFilter, type TypeFilter } from "@falco-efk/event";
import { pushdownRule, type Rule } from "@falco-efk/rules";
import { STATE_TYPES } from "../filter-of.ts";
import type { KernelCounts } from "./kernel-counts.ts";
import { kernelFilterLines } from "./kernel-filter-text.ts";

/** A clause that is longer is not shown in the table. */
const LONGEST = 60;

/** What the kernel does for a whole rule set. */
export interface KernelReport {
  readonly rules: number;
  readonly types: readonly TypeReport[];
  /** Event types that no rule and no process tree asks for: they are not looked at. */
  readonly unwatched: readonly string[];
  /** False where of every type every event passes. */
  readonly pushdown: boolean;
  /** Who counted, or why there are no counts. */
  readonly counted: string;
  readonly seen: number;
  readonly passed: number;
}

/** What the kernel does with one event type. */
export interface TypeReport {
  readonly name: string;
  readonly filter: TypeFilter;
  /** Why every event of the type passes; empty where some don't. */
  readonly because: readonly string[];
  readonly seen: number | null;
  readonly passed: number | null;
}

/** Says of each event type what passes, why, and how much of it did. `counts`: a text says why there are none. */
export function explainKernel<E>(
  rules: readonly Rule<E>[],
  filter: KernelFilter,
  counts: KernelCounts | string,
): KernelReport {
  const byType = typeof counts === "string" ? null : counts.byType;
  const types = EVENT_TYPES.flatMap(({ id, name }): TypeReport[] => {
    const wanted = filter.types.get(id);
    if (wanted === undefined) return [];
    const count = byType === null ? null : (byType[name] ?? { seen: 0, passed: 0 });
    const because = wanted.kind === "pass" ? reasons(rules, id) : [];
    return [{ name, filter: wanted, because, seen: count?.seen ?? null, passed: count?.passed ?? null }];
  });
  const sum = (of: (type: TypeReport) => number | null): number =>
    types.reduce((all, type) => all + (of(type) ?? 0), 0);
  return {
    rules: rules.length,
    types,
    unwatched: EVENT_TYPES.filter(({ id }) => !filter.types.has(id)).map(({ name }) => name),
    pushdown: types.some((type) => type.filter.kind === "clauses"),
    counted: typeof counts === "string" ? counts : counts.from,
    seen: sum((type) => type.seen),
    passed: sum((type) => type.passed),
  };
}

function reasons<E>(rules: readonly Rule<E>[], type: number): string[] {
  if (STATE_TYPES.includes(type)) return ["the process tree"];
  const whole = rules.filter((rule) => rule.eventTypes.includes(type) && pushdownRule(rule, type)?.kind === "pass");
  // None alone: together they ask for more than the kernel's tables hold, or pushdown is turned off.
  return whole.map((rule) => rule.name);
}

/** The report as a table. */
export function kernelReportText(report: KernelReport): string {
  const counted = report.types.some((type) => type.seen !== null);
  const heads = counted ? ["Event type", "Seen", "Passed", "", "What passes"] : ["Event type", "What passes"];
  const rows = report.types.map((type) => {
    const numbers = counted ? [grouped(type.seen ?? 0), grouped(type.passed ?? 0), share(type.passed, type.seen)] : [];
    return [type.name, ...numbers, passes(type)];
  });
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === cells.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return `${[line(heads), ...rows.map(line), "", ...conclusions(report, counted)].join("\n")}\n`;
}

function passes({ filter, because }: TypeReport): string {
  if (filter.kind === "clauses") {
    const [only = "nothing of it", ...others] = kernelFilterLines(filter);
    return others.length === 0 && only.length <= LONGEST ? only : `what meets one of ${filter.clauses.length} clauses`;
  }
  const [first, ...others] = because;
  if (first === undefined) return "every one";
  return `every one: ${first}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

function conclusions(report: KernelReport, counted: boolean): string[] {
  const narrowed = report.types.filter((type) => type.filter.kind === "clauses").length;
  const lines = [
    report.pushdown
      ? `${report.rules} rules narrow ${narrowed} of ${report.types.length} event types; ${report.unwatched.length} more are not looked at.`
      : `No pushdown: of each of these ${report.types.length} event types every event reaches user space.`,
  ];
  if (!counted) return [...lines, `Not counted: ${report.counted}. With --live 10 this machine is watched for that.`];
  lines.push(
    `Counted ${report.counted}: ${grouped(report.passed)} of ${grouped(report.seen)} events reached user space (${share(report.passed, report.seen)}).`,
  );
  if (report.seen > 0 && report.passed === report.seen) lines.push("Nothing was held back by the kernel.");
  return lines;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function share(passed: number | null, seen: number | null): string {
  if (seen === null || seen === 0) return "";
  return `${(((passed ?? 0) / seen) * 100).toFixed(2)} %`;
}
