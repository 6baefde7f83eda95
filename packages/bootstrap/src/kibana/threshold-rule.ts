import type { Cluster } from "../cluster/inspect-cluster.ts";
import { expectOk, type HttpClient } from "../http.ts";
import { compare, markOf } from "../plan/owned.ts";
import type { Item, ResourceGroup } from "../plan/resource.ts";
import { licenceForbids, type Threshold } from "../threshold.ts";
import type { KibanaServer } from "./inspect-kibana.ts";

/** Fixed, so that a second run finds what the first made. */
const CONNECTOR = "fa1c0efc-0001-4000-8000-5a1ac0000001";
const RULE = "fa1c0efc-0002-4000-8000-5a1ac0000002";

/**
 * Kibana's Slack connector and the `.es-query` rule that fires it. `webhookUrl` is null when no Slack address is known.
 * Kibana never gives a connector's secret back, so an existing connector counts as the same.
 */
export function thresholdRule(
  client: HttpClient,
  kibana: KibanaServer,
  cluster: Cluster,
  threshold: Threshold,
  slack: { readonly wanted: boolean; readonly webhookUrl: string | null },
): ResourceGroup {
  const connector = { kind: "Kibana connector", name: "Falco Slack" };
  const rule = { kind: "Kibana rule", name: "Falco threshold" };
  const reason =
    kibana.flavour === "dashboards" || cluster.flavour !== "elasticsearch"
      ? "only Kibana has connectors and rules; falco-alert does the same"
      : (licenceForbids(cluster.licence, "gold", "Kibana's Slack connector") ??
        (!slack.wanted
          ? "ask for it with --slack; falco-alert does the same"
          : slack.webhookUrl === null
            ? "no Slack webhook is known; set SLACK_WEBHOOK_URL"
            : null));
  const body = {
    name: rule.name,
    schedule: { interval: "1m" },
    params: {
      searchType: "esQuery",
      index: ["logstash-*"],
      timeField: "@timestamp",
      esQuery: JSON.stringify({ query: { match_all: {} } }),
      size: 10,
      threshold: [threshold.count],
      thresholdComparator: ">",
      timeWindowSize: threshold.windowMinutes,
      timeWindowUnit: "m",
      excludeHitsFromPreviousRun: false,
    },
    actions: [
      {
        group: "query matched",
        id: CONNECTOR,
        params: { message: `Falco: {{context.value}} events in ${threshold.windowMinutes} minutes. {{context.link}}` },
        frequency: { summary: false, notify_when: "onActionGroupChange", throttle: null },
      },
    ],
  };
  return {
    async inspect() {
      if (reason !== null) {
        return [connector, rule].map((item): Item => ({ ...item, state: "unavailable", reason }));
      }
      const has = await client.send("GET", `/api/actions/connector/${CONNECTOR}`);
      if (has.status !== 404) expectOk(client, has, "show its connectors");
      const answer = await client.send("GET", `/api/alerting/rule/${RULE}`);
      const found = answer.status === 404 ? null : (expectOk(client, answer, "show its rules") as RuleAnswer);
      return [
        { ...connector, state: has.status === 404 ? "absent" : "same" },
        compare(
          rule.kind,
          rule.name,
          body,
          found === null ? null : { content: normalRule(found), mark: markIn(found) },
        ),
      ];
    },
    async write(items) {
      if (items.some(({ kind }) => kind === connector.kind)) {
        const made = {
          name: connector.name,
          connector_type_id: ".slack",
          config: {},
          secrets: { webhookUrl: slack.webhookUrl },
        };
        const answer = await client.send("POST", `/api/actions/connector/${CONNECTOR}`, { body: made });
        expectOk(client, answer, "make the Slack connector");
      }
      if (items.some(({ kind }) => kind === rule.kind)) await writeRule(client, body);
    },
    async remove(items) {
      if (items.some(({ kind }) => kind === rule.kind)) await removeAt(client, `/api/alerting/rule/${RULE}`, "rule");
      if (items.some(({ kind }) => kind === connector.kind)) {
        await removeAt(client, `/api/actions/connector/${CONNECTOR}`, "connector");
      }
    },
  };
}

interface RuleAnswer {
  readonly name: string;
  readonly schedule: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly actions: readonly Readonly<Record<string, unknown>>[];
  readonly tags?: readonly string[];
}

async function writeRule(client: HttpClient, body: Readonly<Record<string, unknown>>): Promise<void> {
  const path = `/api/alerting/rule/${RULE}`;
  const tagged = { ...body, tags: ["falco-bootstrap", markOf(body).digest] };
  const there = (await client.send("GET", path)).status === 200;
  const answer = there
    ? await client.send("PUT", path, { body: tagged })
    : await client.send("POST", path, {
        body: { ...tagged, consumer: "alerts", rule_type_id: ".es-query", enabled: true },
      });
  expectOk(client, answer, "take the rule");
}

async function removeAt(client: HttpClient, path: string, what: string): Promise<void> {
  const answer = await client.send("DELETE", path);
  if (answer.status !== 404) expectOk(client, answer, `delete the ${what}`);
}

/** Only what we set: Kibana adds a uuid and the connector's type to each action, and further parameters. */
function normalRule(found: RuleAnswer): unknown {
  const { params } = found;
  const known = [
    "searchType",
    "index",
    "timeField",
    "esQuery",
    "size",
    "threshold",
    "thresholdComparator",
    "timeWindowSize",
    "timeWindowUnit",
    "excludeHitsFromPreviousRun",
  ];
  return {
    name: found.name,
    schedule: found.schedule,
    params: Object.fromEntries(known.map((key) => [key, params[key]])),
    actions: found.actions.map(({ group, id, params: message, frequency }) => ({
      group,
      id,
      params: message,
      frequency,
    })),
  };
}

function markIn(found: RuleAnswer): unknown {
  const [owner, digest] = found.tags ?? [];
  return owner === "falco-bootstrap" ? { managed_by: owner, digest } : null;
}
