import { createMetrics, type Metrics } from "@falco-efk/kit/metrics";
import type { Alerter } from "./alerter.ts";

/** falco-alert's metrics, read from the alerter when they are asked for. */
export function alertMetrics(alerter: () => Alerter): Metrics {
  const metrics = createMetrics("falco_alert");
  const firing = metrics.gauge("rule_firing_groups", "Groups of a rule that fire now.", ["rule"]);
  const failing = metrics.gauge("rule_failing", "1 while a rule can't be evaluated.", ["rule"]);
  const evaluated = metrics.gauge("rule_evaluated_timestamp_seconds", "When a rule was last evaluated.", ["rule"]);
  const pending = metrics.gauge("deliveries_overdue_seconds", "How long the oldest due delivery waits.");
  const collect = (): void => {
    for (const gauge of [firing, failing, evaluated]) gauge.reset();
    for (const { rule, memory } of alerter().list()) {
      if (memory === null) continue;
      firing.set({ rule: rule.name }, memory.groups.filter((group) => group.firing).length);
      failing.set({ rule: rule.name }, memory.error === null ? 0 : 1);
      evaluated.set({ rule: rule.name }, memory.evaluated / 1000);
    }
    const due = alerter().store.nextDue();
    pending.set(due === null ? 0 : Math.max(0, (Date.now() - due) / 1000));
  };
  const read = metrics.registry.metrics.bind(metrics.registry);
  metrics.registry.metrics = () => {
    collect();
    return read();
  };
  return metrics;
}
