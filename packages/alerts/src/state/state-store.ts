import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describeSystemError, UserError } from "@falco-efk/kit";
import type { RuleSource } from "../rules/alert-rule.ts";
import type { RuleMemory } from "../watch/evaluate.ts";
import type { ToldGroup } from "../watch/transition.ts";

export type NotificationKind = "firing" | "resolved" | "sample";

/** Something to tell, before it has an id. */
export interface NewNotification {
  readonly time: number;
  readonly rule: string;
  readonly when: string;
  readonly kind: NotificationKind;
  readonly groups: readonly ToldGroup[];
  /** The reason that the events can't be read, where that is what is told. */
  readonly error: string | null;
  readonly message: string | null;
  /** Events of this KQL from `from` to `to` are meant. */
  readonly kql: string;
  readonly from: number;
  readonly to: number;
}

export interface Notification extends NewNotification {
  readonly id: number;
}

export type DeliveryState = "pending" | "sent" | "given-up";

export interface Delivery {
  readonly id: number;
  readonly notification: number;
  readonly recipient: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When the next try is due, milliseconds. */
  readonly dueAt: number;
  readonly error: string | null;
  /** When it was sent or given up, milliseconds. */
  readonly doneAt: number | null;
}

/** What falco-alert has to remember across restarts. Every method is one transaction. Close it. */
export interface StateStore {
  readonly file: string;
  apiRules(): RuleSource[];
  addApiRule(rule: RuleSource): void;
  removeApiRule(name: string): void;
  memory(rule: string): RuleMemory | null;
  /** Keeps the result of an evaluation and what is to be told, together or not at all. */
  record(
    rule: string,
    memory: RuleMemory,
    told: readonly { notification: NewNotification; recipients: readonly string[] }[],
  ): void;
  /**
   * Keeps a notification that belongs to no evaluation and that the caller delivers himself: until he settles them, its
   * deliveries count as given up, so that nobody else delivers them too.
   */
  notify(notification: NewNotification, recipients: readonly string[]): Delivery[];
  /** The oldest delivery of each recipient that is due, so that a recipient's messages keep their order. */
  due(now: number): { delivery: Delivery; notification: Notification }[];
  /** When the next delivery becomes due; null when none waits. */
  nextDue(): number | null;
  settle(delivery: Delivery): void;
  history(options: {
    readonly limit: number;
    readonly rule?: string;
  }): { notification: Notification; deliveries: Delivery[] }[];
  /** Forgets history older than this, never what still has to be delivered. */
  prune(before: number): void;
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS api_rule (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS memory (rule TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS notification (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, rule TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY, notification INTEGER NOT NULL REFERENCES notification (id), recipient TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, error TEXT, done_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS delivery_pending ON delivery (recipient, id) WHERE state = 'pending';
  CREATE INDEX IF NOT EXISTS delivery_of ON delivery (notification);
`;

/** Opens the state's file and makes it when it isn't there. Throws UserError (`STATE`). */
export function openStateStore(file: string): StateStore {
  let db: DatabaseSync;
  try {
    // What is told is nobody else's business; SQLite gives its side files the same mode.
    if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
    db = new DatabaseSync(file);
    db.exec(SCHEMA);
  } catch (error) {
    throw new UserError(`the state can't be opened: ${describeSystemError(error)}`, {
      code: "STATE",
      file,
      hint: "give a file in a folder that can be written with --state FILE",
      cause: error,
    });
  }
  const all = (sql: string, ...values: (string | number | null)[]): Row[] => db.prepare(sql).all(...values) as Row[];
  const run = (sql: string, ...values: (string | number | null)[]): number | bigint =>
    db.prepare(sql).run(...values).lastInsertRowid;
  const transaction = <T>(work: () => T): T => {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  };
  const insert = (
    notification: NewNotification,
    recipients: readonly string[],
    state: DeliveryState = "pending",
  ): Delivery[] => {
    const { time, rule } = notification;
    const id = Number(
      run("INSERT INTO notification (time, rule, body) VALUES (?, ?, ?)", time, rule, JSON.stringify(notification)),
    );
    return recipients.map((recipient) => {
      const delivery = run(
        "INSERT INTO delivery (notification, recipient, state, attempts, due_at) VALUES (?, ?, ?, 0, ?)",
        id,
        recipient,
        state,
        time,
      );
      return {
        id: Number(delivery),
        notification: id,
        recipient,
        state,
        attempts: 0,
        dueAt: time,
        error: null,
        doneAt: null,
      };
    });
  };

  return {
    file,
    apiRules: () => all("SELECT body FROM api_rule ORDER BY name").map((row) => JSON.parse(String(row.body))),
    addApiRule: (rule) => void run("INSERT INTO api_rule (name, body) VALUES (?, ?)", rule.name, JSON.stringify(rule)),
    removeApiRule: (name) =>
      transaction(() => {
        run("DELETE FROM api_rule WHERE name = ?", name);
        run("DELETE FROM memory WHERE rule = ?", name);
      }),
    memory(rule) {
      const row = all("SELECT body FROM memory WHERE rule = ?", rule)[0];
      return row === undefined ? null : (JSON.parse(String(row.body)) as RuleMemory);
    },
    record: (rule, memory, told) =>
      transaction(() => {
        run("INSERT OR REPLACE INTO memory (rule, body) VALUES (?, ?)", rule, JSON.stringify(memory));
        for (const { notification, recipients } of told) insert(notification, recipients);
      }),
    notify: (notification, recipients) => transaction(() => insert(notification, recipients, "given-up")),
    due: (now) =>
      all(
        `SELECT d.*, n.body FROM delivery d JOIN notification n ON n.id = d.notification
         WHERE d.id IN (SELECT min(id) FROM delivery WHERE state = 'pending' GROUP BY recipient) AND d.due_at <= ?
         ORDER BY d.id`,
        now,
      ).map((row) => ({ delivery: toDelivery(row), notification: toNotification(row, Number(row.notification)) })),
    nextDue() {
      const row = all(
        "SELECT min(due_at) AS due FROM delivery WHERE id IN (SELECT min(id) FROM delivery WHERE state = 'pending' GROUP BY recipient)",
      )[0];
      return row?.due == null ? null : Number(row.due);
    },
    settle: (delivery) =>
      void run(
        "UPDATE delivery SET state = ?, attempts = ?, due_at = ?, error = ?, done_at = ? WHERE id = ?",
        delivery.state,
        delivery.attempts,
        delivery.dueAt,
        delivery.error,
        delivery.doneAt,
        delivery.id,
      ),
    history({ limit, rule }) {
      const rows =
        rule === undefined
          ? all("SELECT id, body FROM notification ORDER BY id DESC LIMIT ?", limit)
          : all("SELECT id, body FROM notification WHERE rule = ? ORDER BY id DESC LIMIT ?", rule, limit);
      return rows.map((row) => ({
        notification: toNotification(row, Number(row.id)),
        deliveries: all("SELECT * FROM delivery WHERE notification = ? ORDER BY id", Number(row.id)).map(toDelivery),
      }));
    },
    prune: (before) =>
      transaction(() => {
        const old =
          "SELECT id FROM notification n WHERE time < ? AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notification = n.id AND d.state = 'pending')";
        run(`DELETE FROM delivery WHERE notification IN (${old})`, before);
        run(
          `DELETE FROM notification WHERE time < ? AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notification = notification.id)`,
          before,
        );
      }),
    close: () => db.close(),
  };
}

type Row = Record<string, string | number | bigint | null>;

function toNotification(row: Row, id: number): Notification {
  return { ...(JSON.parse(String(row.body)) as NewNotification), id };
}

function toDelivery(row: Row): Delivery {
  return {
    id: Number(row.id),
    notification: Number(row.notification),
    recipient: String(row.recipient),
    state: String(row.state) as DeliveryState,
    attempts: Number(row.attempts),
    dueAt: Number(row.due_at),
    error: row.error === null ? null : String(row.error),
    doneAt: row.done_at === null ? null : Number(row.done_at),
  };
}
