import { setTimeout as delay } from "node:timers/promises";
import { type Logger, UserError } from "@falco-efk/kit";
import type { RecipientConfig } from "./config/config-schema.ts";
import type { AlertsConfig } from "./config/load-config.ts";
import { type DelivererOptions, deliver, deliverDue } from "./deliver/deliverer.ts";
import { slackRecipient, webhookRecipient } from "./deliver/http-recipients.ts";
import type { Recipient } from "./deliver/recipient.ts";
import { smtpRecipient } from "./deliver/smtp-recipient.ts";
import { type AlertRule, buildRule, type RuleSource } from "./rules/alert-rule.ts";
import { type Delivery, openStateStore, type StateStore } from "./state/state-store.ts";
import { type Evaluation, evaluate, type RuleMemory } from "./watch/evaluate.ts";
import { type EventSearch, openEventSearch } from "./watch/event-search.ts";
import { notificationsOf, sampleNotification } from "./watch/notifications.ts";

export interface AlerterOptions {
  readonly config: AlertsConfig;
  /** File of the state; made when it isn't there. */
  readonly stateFile: string;
  readonly logger: Logger;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Instead of the search that the config names. */
  readonly search?: EventSearch;
  /** How long a webhook may take, milliseconds. */
  readonly deliveryTimeoutMs?: number;
}

/** A rule with what is known of it. */
export interface RuleStatus {
  readonly rule: AlertRule;
  readonly memory: RuleMemory | null;
}

const KEEP_HISTORY_MS = 90 * 86_400_000;

/** Evaluates the rules and delivers what they give. Between `start` and `close` it does so by itself. */
export class Alerter {
  readonly store: StateStore;
  readonly recipients: ReadonlyMap<string, Recipient>;
  private readonly config: AlertsConfig;
  private readonly logger: Logger;
  private readonly search: EventSearch;
  private readonly now: () => number;
  private readonly delivery: DelivererOptions;
  private readonly stopping = new AbortController();
  private readonly rules = new Map<string, AlertRule>();
  private running: Promise<unknown> = Promise.resolve();
  /** Evaluations and deliveries each run one at a time. */
  private evaluating: Promise<unknown> = Promise.resolve();

  constructor(options: AlerterOptions) {
    this.config = options.config;
    this.logger = options.logger;
    this.now = options.now ?? Date.now;
    this.store = openStateStore(options.stateFile);
    this.search = options.search ?? openEventSearch(options.config.target);
    this.recipients = openRecipients(options.config.recipients, options.deliveryTimeoutMs);
    this.delivery = {
      store: this.store,
      recipients: this.recipients,
      kibanaUrl: options.config.kibanaUrl,
      logger: options.logger,
      now: this.now,
      random: options.random ?? Math.random,
    };
    for (const rule of options.config.rules) this.rules.set(rule.name, rule);
    for (const source of this.store.apiRules()) this.adopt(source);
  }

  /** Rules from the API whose recipients have gone from alerts.yml are kept out, and said. */
  private adopt(source: RuleSource): void {
    if (this.rules.has(source.name)) {
      this.logger.warn(
        { rule: source.name },
        "a rule made through the API has the name of one in alerts.yml and is left out",
      );
      return;
    }
    try {
      this.rules.set(source.name, buildRule(source, "api", new Set(this.recipients.keys())));
    } catch (error) {
      this.logger.warn(
        { rule: source.name, reason: (error as Error).message },
        "a rule made through the API is left out",
      );
    }
  }

  /** Every rule with its memory, by name. */
  list(): RuleStatus[] {
    return [...this.rules.values()].map((rule) => ({ rule, memory: this.store.memory(rule.name) }));
  }

  /** Adds a rule and keeps it across restarts. Throws UserError (`RULE`, `RULE_EXISTS`). */
  add(source: RuleSource): RuleStatus {
    const rule = buildRule(source, "api", new Set(this.recipients.keys()));
    if (this.rules.has(rule.name))
      throw new UserError(`the rule ${rule.name} is there already`, { code: "RULE_EXISTS" });
    this.store.addApiRule(source);
    this.rules.set(rule.name, rule);
    return { rule, memory: null };
  }

  /** Removes a rule that was added. Throws UserError (`RULE_UNKNOWN`, `RULE_IN_FILE`). */
  remove(name: string): void {
    if (this.known(name).origin === "file") {
      throw new UserError(`the rule ${name} stands in alerts.yml`, { code: "RULE_IN_FILE", hint: "remove it there" });
    }
    this.rules.delete(name);
    this.store.removeApiRule(name);
  }

  private known(name: string): AlertRule {
    const rule = this.rules.get(name);
    if (rule !== undefined) return rule;
    const names = [...this.rules.keys()];
    throw new UserError(`there is no rule ${name}`, {
      code: "RULE_UNKNOWN",
      hint: names.length === 0 ? "alerts.yml holds none" : `there are ${names.join(", ")}`,
    });
  }

  /** Sends a sample message to the rule's recipients now, once, and answers what became of it. */
  async sample(name: string): Promise<Delivery[]> {
    const rule = this.known(name);
    const notification = sampleNotification(rule, this.now());
    const deliveries = this.store.notify(notification, rule.source.recipients);
    return Promise.all(
      deliveries.map((delivery) =>
        // Somebody is waiting for the answer: a sample isn't tried again later.
        deliver(delivery, { ...notification, id: delivery.notification }, this.delivery, false),
      ),
    );
  }

  /** Evaluates every rule once. Nothing is kept and nothing sent when `dryRun`. */
  async evaluateAll(dryRun = false): Promise<{ rule: AlertRule; evaluation: Evaluation }[]> {
    const results: { rule: AlertRule; evaluation: Evaluation }[] = [];
    for (const rule of this.rules.values()) {
      const now = this.now();
      const before = this.store.memory(rule.name);
      const timing = { intervalMs: this.config.intervalMs, lateMs: this.config.lateMs };
      const evaluation = await evaluate(rule, before, this.search, now, timing);
      results.push({ rule, evaluation });
      if (dryRun || !this.rules.has(rule.name)) continue;
      const { recipients } = rule.source;
      const told = notificationsOf(rule, evaluation, now).map((notification) => ({ notification, recipients }));
      this.store.record(rule.name, evaluation.memory, told);
      this.logChange(rule, before, evaluation);
    }
    return results;
  }

  private logChange(rule: AlertRule, before: RuleMemory | null, { memory, fired }: Evaluation): void {
    if (memory.error !== null && memory.error !== before?.error) {
      this.logger.warn({ rule: rule.name, reason: memory.error }, "a rule can't be evaluated");
    } else if (memory.error === null && before?.error != null) {
      this.logger.info({ rule: rule.name }, "the rule can be evaluated again");
    }
    if (fired.length > 0)
      this.logger.info({ rule: rule.name, value: memory.value, groups: fired.length }, "a rule fires");
  }

  /** Delivers everything that is due; answers how many messages were sent. */
  deliverDue(): Promise<number> {
    return deliverDue(this.delivery);
  }

  /** Null while every rule can be evaluated, else the first reason. */
  health(): string | null {
    for (const { rule, memory } of this.list()) {
      if (memory?.error != null) return `${rule.name}: ${memory.error}`;
    }
    return null;
  }

  /** Starts evaluating and delivering. */
  start(): void {
    this.running = Promise.all([this.evaluateLoop(), this.deliverLoop()]);
  }

  private async evaluateLoop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.evaluating = this.evaluateAll();
      await this.evaluating;
      this.store.prune(this.now() - KEEP_HISTORY_MS);
      await this.pause(this.config.intervalMs);
    }
  }

  /** Looks once a second: a message is never more than that late. */
  private async deliverLoop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const next = this.store.nextDue();
      if (next !== null && next <= this.now()) await this.deliverDue();
      await this.pause(1000);
    }
  }

  private pause(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  /** Ends the loops after what they are at; what isn't delivered yet is delivered after the next start. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.evaluating;
    await Promise.all([this.search.close(), ...[...this.recipients.values()].map((recipient) => recipient.close())]);
    this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function openRecipients(
  configs: Readonly<Record<string, RecipientConfig>>,
  timeoutMs: number | undefined,
): ReadonlyMap<string, Recipient> {
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  const opened = new Map<string, Recipient>();
  for (const [name, config] of Object.entries(configs)) opened.set(name, openRecipient(name, config, timeout));
  return opened;
}

function openRecipient(name: string, config: RecipientConfig, timeout: { readonly timeoutMs?: number }): Recipient {
  switch (config.type) {
    case "slack":
      return slackRecipient({ name, url: config.url, ...timeout });
    case "webhook":
      return webhookRecipient({ name, url: config.url, headers: config.headers ?? {}, ...timeout });
    case "smtp": {
      const { type: _type, port, tls, ...rest } = config;
      const secure = tls ?? port === 465;
      return smtpRecipient({ name, ...rest, tls: secure, port: port ?? (secure ? 465 : 587), ...timeout });
    }
  }
}
