import type { VNode } from "preact";
import { isFilter } from "../data/filter.ts";
import { formatNumber } from "../data/format-number.ts";
import { writeFilter } from "../state/view-query.ts";
import type { TimeRange } from "../time/date-math.ts";
import { formatShort } from "../time/format-time.ts";
import { Value } from "../ui/value.tsx";
import { attackLink, type LoadedRule, type RuleRow } from "./rule-rows.ts";

interface RuleLineProps {
  readonly row: RuleRow;
  readonly time: TimeRange;
}

/** A rule on one line; opened, it shows what it watches for. */
export function RuleLine({ row, time }: RuleLineProps): VNode {
  const { name, priority, tags, count, last, loaded } = row;
  const events = `/app/discover?${new URLSearchParams([
    ["f", writeFilter(isFilter("rule", name))],
    ["from", time.from],
    ["to", time.to],
  ])}`;
  return (
    <li class={`rule p-${/^[A-Za-z]+$/.test(priority) ? priority.toLowerCase() : "none"}`}>
      <div class="rule-name">
        <h2>
          <Value value={name} limit={200} />
        </h2>
        {loaded?.enabled === false && <span class="tag">off</span>}
        {loaded === null && <span class="tag">not loaded here</span>}
        <p class="rule-tags">
          {tags.map((tag) => (
            <Tag key={tag} tag={tag} />
          ))}
        </p>
      </div>
      <p class="rule-priority">
        <Value value={priority} limit={60} />
      </p>
      <p class="rule-count">
        {count === 0 ? (
          <span class="none">no events</span>
        ) : (
          <a href={events}>
            <b>{formatNumber(count)}</b> {count === 1 ? "event" : "events"}
          </a>
        )}
        {last !== null && <small>{formatShort(last)}</small>}
      </p>
      {loaded !== null && <Details rule={loaded} />}
    </li>
  );
}

function Tag({ tag }: { readonly tag: string }): VNode {
  const link = attackLink(tag);
  const mitre = link !== null || tag.startsWith("mitre_");
  const text = <Value value={tag} limit={60} />;
  return link === null ? (
    <span class={`tag ${mitre ? "mitre" : ""}`}>{text}</span>
  ) : (
    <a class="tag mitre" href={link} target="_blank" rel="noreferrer" title="MITRE ATT&CK">
      {text}
    </a>
  );
}

function Details({ rule }: { readonly rule: LoadedRule }): VNode {
  return (
    <details>
      <summary>
        What it watches for<span class="hidden">: {rule.name}</span>
      </summary>
      <p>{rule.description}</p>
      <h3>Condition</h3>
      <pre>{rule.condition.trim()}</pre>
      <h3>Output</h3>
      <pre>{rule.output.trim()}</pre>
      <p class="hint">
        {rule.file}:{rule.line} · {formatNumber(rule.alerts)} {rule.alerts === 1 ? "alert" : "alerts"} since the engine
        started
      </p>
    </details>
  );
}
