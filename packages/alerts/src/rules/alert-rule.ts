import { KqlError, kqlToQuery, parseKql, type Query, quoteKql } from "@falco-efk/elastic";
import { UserError } from "@falco-efk/kit";
import { parseDuration } from "./duration.ts";
import { PRIORITIES, prioritiesFrom } from "./priorities.ts";
import { type Condition, parseWhen, WHEN_FORMS } from "./when.ts";

/** A rule as it stands in alerts.yml or comes through the API. */
export interface RuleSource {
  readonly name: string;
  readonly when: string;
  readonly filter?: string;
  /** The least severe priority that counts. */
  readonly priority?: string;
  /** Names of Falco rules that count; all when absent. */
  readonly rules?: readonly string[];
  readonly throttle?: string;
  readonly recipients: readonly string[];
  /** Put in front of the message. */
  readonly message?: string;
}

/** A rule that has been understood. */
export interface AlertRule {
  readonly name: string;
  readonly origin: "file" | "api";
  readonly source: RuleSource;
  readonly condition: Condition;
  readonly throttleSeconds: number;
  /** Which events count, without the time. */
  readonly query: Query;
  /** The same as KQL, for a link to Discover. */
  readonly kql: string;
}

const DEFAULT_THROTTLE_SECONDS = 600;

/** A rule outlives the indices that it looks at, so its filter is turned into a query without asking for their fields. */
const UNKNOWN_FIELDS = { fields: null, timeZone: "UTC" };

/** Understands a rule. Throws UserError (`RULE`) with the key that is wrong. */
export function buildRule(source: RuleSource, origin: "file" | "api", recipients: ReadonlySet<string>): AlertRule {
  const fail = (key: string, message: string, hint?: string): never => {
    throw new UserError(message, {
      code: "RULE",
      key: `${source.name}.${key}`,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  if (!/^[\w.-]{1,100}$/.test(source.name)) {
    throw new UserError(`${JSON.stringify(source.name)} is no name`, {
      code: "RULE",
      key: "name",
      hint: "use letters, digits, . _ and -",
    });
  }
  const condition =
    parseWhen(source.when) ?? fail("when", `${JSON.stringify(source.when)} isn't understood`, `write ${WHEN_FORMS}`);
  const throttleSeconds =
    source.throttle === undefined
      ? DEFAULT_THROTTLE_SECONDS
      : (parseDuration(source.throttle) ?? (source.throttle === "0" ? 0 : null));
  if (throttleSeconds === null) fail("throttle", `${JSON.stringify(source.throttle)} is no duration`, "write 10m or 0");
  const priorities = source.priority === undefined ? null : prioritiesFrom(source.priority);
  if (source.priority !== undefined && priorities === null) {
    fail(
      "priority",
      `${JSON.stringify(source.priority)} is no priority`,
      `use one of ${PRIORITIES.join(", ").toLowerCase()}`,
    );
  }
  for (const name of source.recipients) {
    if (!recipients.has(name)) {
      fail(
        "recipients",
        `${name} isn't there`,
        recipients.size === 0 ? "define it under recipients" : `there are ${[...recipients].join(", ")}`,
      );
    }
  }
  let filter: Query | null = null;
  try {
    filter = source.filter === undefined ? null : kqlToQuery(parseKql(source.filter), UNKNOWN_FIELDS);
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    fail("filter", `${error.message} at column ${error.position + 1}`);
  }
  const clauses = [
    filter,
    priorities === null ? null : { terms: { "priority.keyword": priorities } },
    source.rules === undefined ? null : { terms: { "rule.keyword": source.rules } },
  ].filter((clause) => clause !== null);
  return {
    name: source.name,
    origin,
    source,
    condition,
    throttleSeconds: throttleSeconds as number,
    query: clauses.length === 0 ? { match_all: {} } : { bool: { filter: clauses } },
    kql: kqlOf(source, priorities),
  };
}

function kqlOf(source: RuleSource, priorities: readonly string[] | null): string {
  const anyOf = (field: string, values: readonly string[]): string =>
    `${field}: (${values.map(quoteKql).join(" or ")})`;
  const clauses = [
    source.filter === undefined || source.filter.trim() === "" ? null : `(${source.filter})`,
    priorities === null ? null : anyOf("priority.keyword", priorities),
    source.rules === undefined ? null : anyOf("rule.keyword", source.rules),
  ];
  return clauses.filter((clause) => clause !== null).join(" and ");
}
