import { EVENT_TYPES } from "@falco-efk/event";
import type { EventContext } from "@falco-efk/fields";
import { type ClauseVerdict, explainVerdict, type Rule } from "@falco-efk/rules";
import type { EngineState } from "../engine.ts";
import type { SourceWithState } from "../open-source.ts";

/** What came of one event of a capture. */
export interface EventVerdict {
  readonly number: number;
  readonly type: string;
  readonly process: string;
  readonly path: string | null;
  readonly matched: boolean;
  /** The clauses that decided: of a failure those that failed. */
  readonly because: readonly string[];
}

/** What a rule made of a capture. */
export interface WhyReport {
  readonly rule: string;
  /** Events of the types the rule is about. */
  readonly events: number;
  readonly matched: number;
  /** How often each clause was the reason for a failure, most often first. */
  readonly reasons: readonly { readonly clause: string; readonly events: number }[];
  /** The first events, up to the limit. */
  readonly verdicts: readonly EventVerdict[];
}

/** Holds each event of a capture against a rule, with all of its paths. */
export async function explainCapture(
  rule: Rule<EventContext>,
  opened: SourceWithState,
  parts: { readonly state: EngineState<EventContext>; readonly event: EventContext },
  limit: number,
): Promise<WhyReport> {
  const types = new Set(rule.eventTypes);
  const reasons = new Map<string, number>();
  const verdicts: EventVerdict[] = [];
  let events = 0;
  let matched = 0;
  await opened.source.run(
    (record) => {
      parts.state.apply(record);
      if (!types.has(record.type)) return;
      events += 1;
      const event = parts.event.begin(record);
      let verdict = explainVerdict(rule.condition, event);
      for (const path of rule.dependsOnPath ? event.otherPaths : []) {
        if (verdict.held) break;
        event.showPath(path);
        verdict = explainVerdict(rule.condition, event);
      }
      const because = [...new Set(decisiveClauses(verdict))];
      if (verdict.held) matched += 1;
      else for (const clause of because) reasons.set(clause, (reasons.get(clause) ?? 0) + 1);
      if (verdicts.length >= limit) return;
      const name = EVENT_TYPES[record.type]?.name ?? "";
      verdicts.push({
        number: record.number,
        type: name,
        process: event.process.comm,
        path: event.path(0),
        matched: verdict.held,
        because,
      });
    },
    { signal: new AbortController().signal },
  );
  const sorted = [...reasons].sort((a, b) => b[1] - a[1]).map(([clause, count]) => ({ clause, events: count }));
  return { rule: rule.name, events, matched, reasons: sorted, verdicts };
}

/** The innermost clauses that made a verdict what it is. */
export function decisiveClauses(verdict: ClauseVerdict): string[] {
  if (verdict.parts.length === 0) return [verdict.text];
  if (verdict.text.startsWith("not ")) return [verdict.text];
  const deciding = verdict.parts.filter((part) => part.held === verdict.held);
  return (deciding.length === 0 ? verdict.parts : deciding).flatMap(decisiveClauses);
}

/** The report as text. */
export function whyText(report: WhyReport): string {
  const events = report.verdicts.map(({ number, type, process, path, matched, because }) => {
    const head = `#${number} ${type} by ${process}${path === null ? "" : ` ${path}`}`;
    return `${head}: ${matched ? "matched" : `no match, for it failed: ${because.join("; ")}`}`;
  });
  const left = report.events - report.verdicts.length;
  return `${[
    ...events,
    ...(left > 0 ? [`… and ${left} more events (--limit shows more)`] : []),
    ...(events.length > 0 ? [""] : []),
    `"${report.rule}" matched ${report.matched} of ${report.events} events of its types.`,
    ...(report.reasons.length === 0 ? [] : ["Clauses that failed, by number of events:"]),
    ...report.reasons.slice(0, 20).map(({ clause, events: count }) => `   ${String(count).padStart(8)}  ${clause}`),
  ].join("\n")}\n`;
}
