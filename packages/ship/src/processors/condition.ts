import { BlockList, isIP } from "node:net";
import { UserError } from "@falco-efk/kit";
import { asText, type EventObject, getField, isObject } from "./event.ts";

/** Says whether an event meets a condition. */
export type Condition = (event: EventObject) => boolean;

const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
  loopback: ["127.0.0.0/8", "::1/128"],
  link_local_unicast: ["169.254.0.0/16", "fe80::/10"],
  multicast: ["224.0.0.0/4", "ff00::/8"],
  unspecified: ["0.0.0.0/32", "::/128"],
};

/** Compiles a condition: equals, contains, regexp, range, network, has_fields, and, or, not. Throws UserError (`CONDITION`). */
export function compileCondition(value: unknown): Condition {
  if (!isObject(value)) throw conditionError(`a condition is a mapping, not ${JSON.stringify(value)}`);
  const [name, ...more] = Object.keys(value);
  if (name === undefined || more.length > 0) throw conditionError("a condition has exactly one kind");
  const settings = value[name];
  switch (name) {
    case "and":
    case "or": {
      const parts = list(settings, name).map(compileCondition);
      return name === "and"
        ? (event) => parts.every((part) => part(event))
        : (event) => parts.some((part) => part(event));
    }
    case "not": {
      const inner = compileCondition(settings);
      return (event) => !inner(event);
    }
    case "has_fields": {
      const fields = list(settings, name).map(String);
      return (event) => fields.every((field) => getField(event, field) !== undefined);
    }
    case "equals":
      return everyField(settings, name, (wanted) => (actual) => actual === wanted || asText(actual) === asText(wanted));
    case "contains":
      return everyField(
        settings,
        name,
        (wanted) => (actual) => anyText(actual, (text) => text.includes(String(wanted))),
      );
    case "regexp":
      return everyField(settings, name, (wanted) => {
        const expression = regularExpression(String(wanted));
        return (actual) => anyText(actual, (text) => expression.test(text));
      });
    case "network":
      return everyField(settings, name, (wanted) => {
        const networks = blockList(Array.isArray(wanted) ? wanted.map(String) : [String(wanted)]);
        return (actual) => anyText(actual, (text) => networks.check(text, isIP(text) === 6 ? "ipv6" : "ipv4"));
      });
    case "range":
      return rangeCondition(settings);
    default:
      throw conditionError(`the condition ${name} is not known`);
  }
}

function everyField(
  settings: unknown,
  name: string,
  make: (wanted: unknown) => (actual: unknown) => boolean,
): Condition {
  if (!isObject(settings)) throw conditionError(`${name} wants fields with values`);
  const tests = Object.entries(settings).map(([field, wanted]) => ({ field, test: make(wanted) }));
  return (event) => tests.every(({ field, test }) => test(getField(event, field)));
}

/** `range: {http.code: {gte: 400}}` or `range: {http.code.gte: 400}`. */
function rangeCondition(settings: unknown): Condition {
  if (!isObject(settings)) throw conditionError("range wants fields with limits");
  const tests = Object.entries(settings).flatMap(([key, limit]) => {
    if (isObject(limit)) return Object.entries(limit).map(([kind, bound]) => comparison(key, kind, bound));
    const dot = key.lastIndexOf(".");
    return [comparison(key.slice(0, dot), key.slice(dot + 1), limit)];
  });
  return (event) => tests.every((test) => test(event));
}

function comparison(field: string, kind: string, bound: unknown): Condition {
  const limit = Number(bound);
  const compare = {
    lt: (n: number) => n < limit,
    lte: (n: number) => n <= limit,
    gt: (n: number) => n > limit,
    gte: (n: number) => n >= limit,
  }[kind];
  if (compare === undefined) throw conditionError(`range knows lt, lte, gt and gte, not ${kind}`);
  return (event) => {
    const text = asText(getField(event, field));
    return text !== null && text !== "" && compare(Number(text));
  };
}

function anyText(actual: unknown, test: (text: string) => boolean): boolean {
  if (Array.isArray(actual)) return actual.some((item) => anyText(item, test));
  const text = asText(actual);
  return text !== null && test(text);
}

function blockList(networks: readonly string[]): BlockList {
  const result = new BlockList();
  for (const network of networks.flatMap((name) => NETWORKS[name] ?? [name])) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address);
    if (family === 0) throw conditionError(`${network} is not a network`);
    result.addSubnet(address, Number(prefix ?? (family === 6 ? 128 : 32)), family === 6 ? "ipv6" : "ipv4");
  }
  return result;
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    throw conditionError(`${text} is not a regular expression: ${(error as Error).message}`);
  }
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw conditionError(`${name} wants a list`);
  return value;
}

function conditionError(message: string): UserError {
  return new UserError(message, { code: "CONDITION", key: "processors" });
}
