import { Type } from "typebox";
import type { RuleSource } from "../rules/alert-rule.ts";
import { WHEN_FORMS } from "../rules/when.ts";

const closed = { additionalProperties: false } as const;

function text(description: string) {
  return Type.String({ minLength: 1, description });
}

/** A text that may be missing. */
function optional(description: string, byDefault?: string) {
  return Type.Optional(
    Type.String({ minLength: 1, description, ...(byDefault === undefined ? {} : { default: byDefault }) }),
  );
}

const slack = Type.Object(
  {
    type: Type.Literal("slack", { description: "A channel of Slack." }),
    url: text("Its incoming webhook, better as `${NAME}` from the keystore or the environment."),
  },
  closed,
);
const webhook = Type.Object(
  {
    type: Type.Literal("webhook", { description: "Any receiver of JSON." }),
    url: text("Where messages are posted."),
    headers: Type.Optional(Type.Record(Type.String(), Type.String(), { description: "Sent with every message." })),
  },
  closed,
);
const smtp = Type.Object(
  {
    type: Type.Literal("smtp", { description: "Mail." }),
    host: text("The mail server."),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: "465 with tls, otherwise 587." })),
    tls: Type.Optional(
      Type.Boolean({ description: "TLS from the first byte; otherwise STARTTLS where it's offered." }),
    ),
    username: optional("For the mail server's login."),
    password: optional("For the mail server's login."),
    from: text("The sender's address."),
    to: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: "The receivers' addresses." }),
  },
  closed,
);

const rule = Type.Object(
  {
    name: text("Letters, digits, `.`, `_` and `-`."),
    when: text(WHEN_FORMS),
    filter: Type.Optional(Type.String({ description: "KQL that events must match to count." })),
    priority: optional("The least severe priority that counts."),
    rules: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: "Falco rules that count; all unless given.",
      }),
    ),
    throttle: optional("No second message for so long.", "10m"),
    recipients: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: "Who is told." }),
    message: Type.Optional(Type.String({ description: "Put in front of the message." })),
  },
  closed,
);

/** The form of a rule, in alerts.yml and in the API. */
export const RULE_SCHEMA: object = rule;

const elasticsearch = Type.Object(
  {
    url: optional("Where events are searched.", "http://127.0.0.1:9200"),
    index: optional("In which indices.", "logstash-*"),
    username: optional("For basic authentication."),
    password: Type.Optional(Type.String({ description: "For basic authentication." })),
    api_key: Type.Optional(Type.String({ description: "In its encoded form; goes before username and password." })),
    ca: optional("A PEM file to trust in place of the system's."),
  },
  closed,
);

const config = Type.Object(
  {
    elasticsearch: Type.Optional(elasticsearch),
    kibana_url: optional("Messages link to Discover there."),
    interval: optional("How often rules are evaluated.", "30s"),
    late: optional("How late an event may arrive and still count.", "10m"),
    api: Type.Optional(
      Type.Object(
        {
          host: optional("The address of the API that the console speaks to.", "127.0.0.1"),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, default: 5602, description: "Its port." })),
        },
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
