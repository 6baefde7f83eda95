export { Alerter, type AlerterOptions, type RuleStatus } from "./alerter.ts";
export type { RecipientConfig } from "./config/config-schema.ts";
export { CONFIG_SCHEMA } from "./config/config-schema.ts";
export { type AlertsConfig, loadConfig, parseConfig } from "./config/load-config.ts";
export type { AlertRule, RuleSource } from "./rules/alert-rule.ts";
export { type Condition, formatWhen, parseWhen } from "./rules/when.ts";
export { type RunningAlerts, startAlerts } from "./start-alerts.ts";
export type { Delivery, Notification, NotificationKind } from "./state/state-store.ts";
export type { EventSearch, GroupCount, SearchTarget } from "./watch/event-search.ts";
