import { expectOk, type HttpClient } from "../http.ts";
import { compare, markOf } from "../plan/owned.ts";
import type { ResourceGroup } from "../plan/resource.ts";
import { licenceForbids, type Threshold } from "../threshold.ts";
import type { Cluster } from "./inspect-cluster.ts";

const NAME = "falco_threshold";

/**
 * Watcher's threshold watch with the Slack action. The webhook's address is a secure setting of Elasticsearch's own:
 * `elasticsearch-keystore add xpack.notification.slack.account.monitoring.secure_url`.
 */
export function thresholdWatch(
  client: HttpClient,
  cluster: Cluster,
  threshold: Threshold,
  wanted: boolean,
): ResourceGroup {
  const kind = "watch";
  const reason =
    cluster.flavour === "elasticsearch"
      ? (licenceForbids(cluster.licence, "standard", "Watcher") ??
        (wanted ? null : "ask for it with --slack; falco-alert does the same"))
      : "only Elasticsearch has Watcher; falco-alert does the same";
  const watch = {
    trigger: { schedule: { interval: "1m" } },
    input: {
      search: {
        request: {
          search_type: "query_then_fetch",
          indices: ["logstash-*"],
          rest_total_hits_as_int: true,
          body: {
            size: 0,
            track_total_hits: true,
            query: { range: { "@timestamp": { gte: `now-${threshold.windowMinutes}m` } } },
            aggs: { rules: { terms: { field: "rule.keyword", size: 5 } } },
          },
        },
      },
    },
    condition: { compare: { "ctx.payload.hits.total": { gt: threshold.count } } },
    throttle_period: `${threshold.windowMinutes}m`,
    actions: {
      slack: {
        slack: {
          account: "monitoring",
          message: {
            text:
              `Falco: {{ctx.payload.hits.total}} events in the last ${threshold.windowMinutes} minutes.` +
              "{{#ctx.payload.aggregations.rules.buckets}}\n• {{key}}: {{doc_count}}{{/ctx.payload.aggregations.rules.buckets}}",
          },
        },
      },
    },
  };
  return {
    async inspect() {
      if (reason !== null) return [{ kind, name: NAME, state: "unavailable", reason }];
      const answer = await client.send("GET", `/_watcher/watch/${NAME}`);
      const body = answer.status === 404 ? null : expectOk(client, answer, "show its watches");
      const found = (body as { watch?: Record<string, unknown> } | null)?.watch;
      if (found === undefined) return [compare(kind, NAME, watch, null)];
      const { metadata, throttle_period_in_millis, ...rest } = found;
      const period =
        throttle_period_in_millis === undefined
          ? {}
          : { throttle_period: `${Number(throttle_period_in_millis) / 60_000}m` };
      return [compare(kind, NAME, watch, { content: { ...rest, ...period }, mark: metadata })];
    },
    async write(items) {
      if (items.length === 0) return;
      const body = { ...watch, metadata: markOf(watch) };
      expectOk(client, await client.send("PUT", `/_watcher/watch/${NAME}`, { body }), "take the watch");
    },
    async remove(items) {
      if (items.length === 0) return;
      const answer = await client.send("DELETE", `/_watcher/watch/${NAME}`);
      if (answer.status !== 404) expectOk(client, answer, "delete the watch");
    },
  };
}
