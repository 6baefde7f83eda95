import { basename } from "node:path";
import { isFieldError } from "@falco-efk/event";
import type { EventContext } from "@falco-efk/fields";
import type { Ruleset } from "@falco-efk/rules";
import type { EngineConfig } from "../config/config.ts";
import { detect } from "../detector.ts";
import { createFieldBinding } from "../event-state.ts";
import { filterOf } from "../filter-of.ts";
import { loadRuleset } from "../load-ruleset.ts";
import { openCapture } from "./open-capture.ts";
import { tallyAlerts } from "./tune-alerts.ts";
import { type Proposal, proposalYaml, proposeExceptions } from "./tune-proposal.ts";

/** What to tune. */
export interface TuneRequest {
  readonly alerts: string;
  readonly config: EngineConfig;
  /** Paths of `-r`; null: the configuration's rules. */
  readonly paths: readonly string[] | null;
  /** The capture to replay with and without the proposal; null: none. */
  readonly capture: string | null;
  /** How many alerts of one process make an exception. */
  readonly atLeast: number;
}

/** Alerts of a rule in the replay of a capture, without and with the proposal. */
export interface Effect {
  readonly rule: string;
  readonly before: number;
  readonly after: number;
}

/** What came of it. */
export interface TuneReport {
  readonly alerts: number;
  /** Lines of the file that are no alert. */
  readonly foreign: number;
  /** Rules that alerted and are not loaded. */
  readonly unknown: readonly string[];
  readonly proposals: readonly Proposal[];
  /** The rules file proposed; "" when nothing is. */
  readonly rules: string;
  /** Null without a capture. */
  readonly replay: readonly Effect[] | null;
}

/** Proposes exceptions for what a file of alerts holds too much of. Throws UserError for alerts, rules or a capture that can't be read. */
export async function tune(request: TuneRequest): Promise<TuneReport> {
  const binding = createFieldBinding();
  const { config, paths } = request;
  const before = loadRuleset({ config, paths, ...binding });
  const usable = (field: string): boolean => {
    const access = binding.resolver.resolve(field, null);
    if (isFieldError(access)) return false;
    const { unsupported, outputOnly } = access.definition;
    return unsupported === undefined && outputOnly !== true;
  };
  const tally = await tallyAlerts(request.alerts, usable);
  const loaded = new Map(before.result.rules.map((rule) => [rule.name, rule]));
  const proposals = proposeExceptions(tally, request.atLeast, (rule) => {
    const info = loaded.get(rule);
    return info === undefined ? null : new Set(info.exceptions);
  });
  const rules = proposalYaml(proposals);
  const more = rules === "" ? [] : [{ name: "the proposal", text: rules }];
  const after = loadRuleset({ config, paths, more, ...binding });
  return {
    alerts: tally.lines - tally.foreign,
    foreign: tally.foreign,
    unknown: [...tally.rules.keys()].filter((rule) => !loaded.has(rule)),
    proposals,
    rules,
    replay:
      request.capture === null ? null : await replayBoth(request, request.capture, [before.ruleset, after.ruleset]),
  };
}

/** Evaluates each event of a capture by both sets of rules. */
async function replayBoth(
  { config }: TuneRequest,
  capture: string,
  rulesets: readonly [Ruleset<EventContext>, Ruleset<EventContext>],
): Promise<readonly Effect[]> {
  const { opened, parts } = await openCapture(capture, config);
  const { source } = opened;
  const either = {
    rules: rulesets.flatMap(({ rules }) => rules),
    eventTypes: new Set(rulesets.flatMap(({ eventTypes }) => [...eventTypes])),
  };
  opened.sift(filterOf(either, config.engine.pushdown));
  const counts = rulesets.map(() => new Map<string, number>());
  try {
    await source.run(
      (record) => {
        parts.state.apply(record);
        const event = parts.event.begin(record);
        rulesets.forEach((ruleset, side) => {
          const count = counts[side] as Map<string, number>;
          detect(ruleset, event, record.type, config.engine.match_realpath, ({ name }) => {
            count.set(name, (count.get(name) ?? 0) + 1);
          });
        });
      },
      { signal: new AbortController().signal },
    );
  } finally {
    await source.close();
  }
  const [before, after] = counts as [Map<string, number>, Map<string, number>];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((rule) => ({ rule, before: before.get(rule) ?? 0, after: after.get(rule) ?? 0 }))
    .sort((a, b) => b.before - a.before || a.rule.localeCompare(b.rule));
}

/** The report as a rules file: what to know stands in comments. */
export function tuneText(report: TuneReport, request: TuneRequest): string {
  const { alerts, foreign, unknown, proposals, rules, replay } = report;
  const lines = [
    `${alerts} alerts in ${basename(request.alerts)}${foreign > 0 ? `, and ${foreign} lines that are none` : ""}.`,
    ...(unknown.length > 0 ? [`Of rules that are not loaded, and so left out: ${unknown.join(", ")}.`] : []),
    proposals.length === 0
      ? `No process caused ${request.atLeast} alerts of one rule: nothing to propose (--at-least takes fewer).`
      : "Look at each exception before you load this file: what it names is not alerted on any more.",
    ...(replay === null ? [] : ["", `Alerts in a replay of ${basename(request.capture ?? "")}, before and after:`, ""]),
    ...(replay === null ? [] : effectLines(replay)),
  ];
  const head = lines.map((line) => `# ${line}`.trimEnd()).join("\n");
  return rules === "" ? `${head}\n` : `${head}\n\n${rules}`;
}

function effectLines(replay: readonly Effect[]): readonly string[] {
  if (replay.length === 0) return ["none"];
  const total = (side: "before" | "after"): number => replay.reduce((sum, effect) => sum + effect[side], 0);
  const rows = [...replay, { rule: "all", before: total("before"), after: total("after") }];
  return rows.map(({ rule, before, after }) => `${String(before).padStart(8)} ${String(after).padStart(8)}  ${rule}`);
}
