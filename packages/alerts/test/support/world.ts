import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@falco-efk/kit";
import { Alerter, parseConfig } from "../../src/index.ts";
import { EventList } from "./event-list.ts";
import { startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

export const MINUTE = 60_000;
export const START = Date.parse("2026-01-01T12:00:00Z");

/** An alerter over a list of events, with a clock that a test moves, a webhook and a folder of its own. */
export interface World {
  readonly events: EventList;
  readonly hook: WebhookReceiver;
  readonly stateFile: string;
  alerter: Alerter;
  now: number;
  /** Adds `count` events `agoMs` before now. */
  happen(count: number, options?: { agoMs?: number; rule?: string; host?: string }): void;
  /** Moves the clock, evaluates and delivers. */
  step(ms: number): Promise<void>;
  /** Closes the alerter and opens another on the same state. */
  restart(): Promise<void>;
  /** Titles of what the webhook got. */
  titles(): string[];
  /** The text of one message, as the webhook got it. */
  text(index: number): string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Builds a world with these rules (YAML, below `rules:`). Their recipient is `hook`. */
export async function buildWorld(rules: string, type: "slack" | "webhook" = "webhook"): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "falco-alert-"));
  const hook = await startWebhookReceiver();
  const events = new EventList();
  const yaml = `
interval: 30s
late: 10m
kibana_url: http://kibana:5601
recipients:
  hook: { type: ${type}, url: "\${HOOK}" }
rules:
${rules}`;
  const config = parseConfig(yaml, "alerts.yml", (name) => (name === "HOOK" ? hook.url : undefined));
  const stateFile = join(folder, "state.db");
  const logger = createLogger("test", { level: "silent" });
  const open = (): Alerter =>
    new Alerter({
      config,
      stateFile,
      logger,
      search: events,
      now: () => world.now,
      random: () => 0.5,
      deliveryTimeoutMs: 300,
    });
  const world: World = {
    events,
    hook,
    stateFile,
    now: START,
    alerter: undefined as unknown as Alerter,
    happen(count, { agoMs = 1, rule = "Terminal shell in container", host = "vm" } = {}) {
      for (let index = 0; index < count; index++) events.events.push({ at: world.now - agoMs, rule, host });
    },
    async step(ms) {
      world.now += ms;
      await world.alerter.evaluateAll();
      await world.alerter.deliverDue();
    },
    async restart() {
      await world.alerter.close();
      world.alerter = open();
    },
    titles: () =>
      hook.received.map(
        ({ body }) => (body as { title?: string; text: string }).title ?? String((body as { text: string }).text),
      ),
    text: (index) => String((hook.received[index]?.body as { text?: string } | undefined)?.text),
    async [Symbol.asyncDispose]() {
      await world.alerter.close();
      await hook.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  world.alerter = open();
  await world.step(0);
  return world;
}
