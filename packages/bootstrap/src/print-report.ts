import type { Report } from "./bootstrap.ts";
import type { Action, Step } from "./plan/resource.ts";

/** Words for what is going to be done, and for what was done. */
const FUTURE: Readonly<Record<Action, string>> = {
  create: "create",
  update: "update",
  replace: "replace",
  remove: "remove",
  keep: "keep",
  unchanged: "unchanged",
  skip: "skip",
};
const PAST: Readonly<Record<Action, string>> = {
  ...FUTURE,
  create: "created",
  update: "updated",
  replace: "replaced",
  remove: "removed",
  keep: "kept",
  skip: "skipped",
};

/** `Elasticsearch 9.5.3 (docker-cluster, basic licence, green, logged in as elastic)` and Kibana's line. */
export function describeServers({ cluster, kibana }: Report): string[] {
  const product = { elasticsearch: "Elasticsearch", opensearch: "OpenSearch", store: "Embedded store" }[
    cluster.flavour
  ];
  const details = [
    cluster.name,
    cluster.licence === null ? null : `${cluster.licence} licence`,
    cluster.health,
    cluster.lifecycle === null ? "no lifecycle management" : null,
    cluster.user === null ? "no log-in" : `logged in as ${cluster.user}`,
  ];
  const lines = [`${product} ${cluster.version} (${details.filter((part) => part !== null).join(", ")})`];
  if (kibana === null) return [...lines, "Kibana: not given, so no saved objects (--kibana URL)"];
  return [...lines, `${kibana.flavour === "kibana" ? "Kibana" : "OpenSearch Dashboards"} ${kibana.version}`];
}

/** One line a step; with `details`, the differences below it. */
export function describeSteps(steps: readonly Step[], tense: "future" | "past", details: boolean): string[] {
  const words = tense === "future" ? FUTURE : PAST;
  const actionWidth = Math.max(0, ...steps.map((step) => words[step.action].length));
  const kindWidth = Math.max(0, ...steps.map((step) => step.kind.length));
  return steps.flatMap((step) => {
    const head = `  ${words[step.action].padEnd(actionWidth)}  ${step.kind.padEnd(kindWidth)}  ${step.name}`;
    const reason = step.reason === undefined ? "" : `: ${step.reason}`;
    return [`${head}${reason}`, ...(details ? describeDifferences(step) : [])];
  });
}

/** Each difference: the path, then `-` what is there and `+` what we would write. */
function describeDifferences(step: Step): string[] {
  return (step.differences ?? []).flatMap(({ path, wanted, found }) => [
    `      ${path}`,
    ...(found === undefined ? [] : [`      - ${shortJson(found)}`]),
    ...(wanted === undefined ? [] : [`      + ${shortJson(wanted)}`]),
  ]);
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** The closing line: how many of each. */
export function summarize(steps: readonly Step[], tense: "future" | "past"): string {
  const words =
    tense === "future"
      ? {
          ...FUTURE,
          create: "to create",
          update: "to update",
          replace: "to replace",
          remove: "to remove",
          keep: "to keep",
          skip: "to skip",
        }
      : PAST;
  const counts = Map.groupBy(steps, (step) => words[step.action]);
  const parts = [...counts].map(([word, list]) => `${list.length} ${word}`);
  return parts.length === 0 ? "Nothing to do." : `${parts.join(", ")}.`;
}
