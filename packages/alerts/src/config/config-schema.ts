import { Type } from "typebox";
import type { RuleSource } from "../rules/alert-rule.ts";

const text = Type.String({ minLength: 1 });
const closed = { additionalProperties: false } as const;

const slack = Type.Object({ type: Type.Literal("slack"), url: text }, closed);
const webhook = Type.Object(
  { type: Type.Literal("webhook"), url: text, headers: Type.Optional(Type.Record(Type.String(), Type.String())) },
  closed,
);
const smtp = Type.Object(
  {
    type: Type.Literal("smtp"),
    host: text,
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    tls: Type.Optional(Type.Boolean()),
    username: Type.Optional(text),
    password: Type.Optional(text),
    from: text,
    to: Type.Array(text, { minItems: 1 }),
  },
  closed,
);

const rule = Type.Object(
  {
    name: text,
    when: text,
    filter: Type.Optional(Type.String()),
    priority: Type.Optional(text),
    rules: Type.Optional(Type.Array(text, { minItems: 1 })),
    throttle: Type.Optional(text),
    recipients: Type.Array(text, { minItems: 1 }),
    message: Type.Optional(Type.String()),
  },
  closed,
);

/** The form of a rule, in alerts.yml and in the API. */
export const RULE_SCHEMA: object = rule;

const config = Type.Object(
  {
    elasticsearch: Type.Optional(
      Type.Object(
        {
          url: Type.Optional(text),
          index: Type.Optional(text),
          username: Type.Optional(text),
          password: Type.Optional(Type.String()),
          api_key: Type.Optional(Type.String()),
          ca: Type.Optional(text),
        },
        closed,
      ),
    ),
    kibana_url: Type.Optional(text),
    interval: Type.Optional(text),
    late: Type.Optional(text),
    api: Type.Optional(
      Type.Object(
        { host: Type.Optional(text), port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })) },
        closed,
      ),
    ),
    recipients: Type.Optional(Type.Record(Type.String(), Type.Union([slack, webhook, smtp]))),
    rules: Type.Optional(Type.Array(rule)),
  },
  closed,
);

/** The form of alerts.yml. */
export const CONFIG_SCHEMA: object = config;

/** Where messages go; the forms that alerts.yml takes. */
export type RecipientConfig =
  | { readonly type: "slack"; readonly url: string }
  | { readonly type: "webhook"; readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly type: "smtp";
      readonly host: string;
      readonly port?: number;
      readonly tls?: boolean;
      readonly username?: string;
      readonly password?: string;
      readonly from: string;
      readonly to: readonly string[];
    };

/** alerts.yml as written. */
export interface AlertsFile {
  readonly elasticsearch?: {
    readonly url?: string;
    readonly index?: string;
    readonly username?: string;
    readonly password?: string;
    readonly api_key?: string;
    readonly ca?: string;
  };
  readonly kibana_url?: string;
  readonly interval?: string;
  readonly late?: string;
  readonly api?: { readonly host?: string; readonly port?: number };
  readonly recipients?: Readonly<Record<string, RecipientConfig>>;
  readonly rules?: readonly RuleSource[];
}
