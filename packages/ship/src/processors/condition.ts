import { BlockList, isIP } from "node:net";
import { nearest } from "@falco-efk/kit";
import { flattenKeys } from "../config/dotted.ts";
import { asText, type EventObject, getField, isObject } from "./event.ts";
import { compileGoRegExp } from "./go-regexp.ts";
import { type KeyPath, processorError } from "./settings.ts";

/** Says whether an event meets a condition. */
export type Condition = (event: EventObject) => boolean;

const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
  loopback: ["127.0.0.0/8", "::1/128"],
  link_local_unicast: ["169.254.0.0/16", "fe80::/10"],
  link_local_multicast: ["224.0.0.0/24", "ff02::/16"],
  interface_local_multicast: ["ff01::/16"],
  multicast: ["224.0.0.0/4", "ff00::/8"],
  unspecified: ["0.0.0.0/32", "::/128"],
};
/** Groups that are all addresses but those of others. */
const ALL_BUT: Readonly<Record<string, readonly string[]>> = {
  public: ["private", "loopback", "link_local_unicast", "multicast", "unspecified", "255.255.255.255/32"],
  unicast: ["loopback", "link_local_unicast", "multicast", "unspecified", "255.255.255.255/32"],
  global_unicast: ["loopback", "link_local_unicast", "multicast", "unspecified", "255.255.255.255/32"],
};

type Make = (settings: unknown, path: KeyPath) => Condition;

const KINDS: Readonly<Record<string, Make>> = {
  and: (settings, path) => {
    const parts = list(settings, path).map((part, at) => compileCondition(part, [...path, at]));
    return (event) => parts.every((part) => part(event));
  },
  or: (settings, path) => {
    const parts = list(settings, path).map((part, at) => compileCondition(part, [...path, at]));
    return (event) => parts.some((part) => part(event));
  },
  not: (settings, path) => {
    const inner = compileCondition(settings, path);
    return (event) => !inner(event);
  },
  has_fields: (settings, path) => {
    const fields = list(settings, path).map(String);
    return (event) => fields.every((field) => getField(event, field) !== undefined);
  },
  equals: (settings, path) =>
    everyField(settings, path, (wanted) => (actual) => actual === wanted || asText(actual) === asText(wanted)),
  contains: (settings, path) =>
    everyField(settings, path, (wanted) => (actual) => anyText(actual, (text) => text.includes(String(wanted)))),
  regexp: (settings, path) =>
    everyField(settings, path, (wanted, at) => {
      const expression = compileGoRegExp(String(wanted), "", at);
      return (actual) => anyText(actual, (text) => expression.test(text));
    }),
  network: (settings, path) =>
    everyField(settings, path, (wanted, at) => {
      const tests = (Array.isArray(wanted) ? wanted : [wanted]).map((name) => networkTest(String(name), at));
      return (actual) => anyText(actual, (text) => isIP(text) !== 0 && tests.some((test) => test(text)));
    }),
  range: rangeCondition,
};

/**
 * Compiles a condition: equals, contains, regexp, range, network, has_fields, and, or, not. Throws UserError (`PROCESSOR`)
 * with its key.
 */
export function compileCondition(value: unknown, path: KeyPath): Condition {
  if (!isObject(value)) throw processorError(path, `a condition is a mapping, not ${JSON.stringify(value)}`);
  const condition = expandHead(value);
  const [name, ...more] = Object.keys(condition);
  if (name === undefined || more.length > 0) {
    throw processorError(path, "a condition has exactly one kind", "put several into and: or or:");
  }
  const make = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (make === undefined) {
    const near = nearest(name, Object.keys(KINDS));
    const hint = near === null ? `known are ${Object.keys(KINDS).join(", ")}` : `did you mean ${near}?`;
    throw processorError([...path, name], `the condition ${name} is not known`, hint);
  }
  return make(condition[name], [...path, name]);
}

/** `{not.equals.a: 1}` as `{not: {equals.a: 1}}`. */
function expandHead(value: EventObject): EventObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const dot = key.indexOf(".");
      return dot > 0 && Object.hasOwn(KINDS, key.slice(0, dot))
        ? [key.slice(0, dot), { [key.slice(dot + 1)]: item }]
        : [key, item];
    }),
  );
}

function everyField(
  settings: unknown,
  path: KeyPath,
  make: (wanted: unknown, path: KeyPath) => (actual: unknown) => boolean,
): Condition {
  if (!isObject(settings)) throw processorError(path, "a mapping of fields to values is expected");
  const tests = Object.entries(flattenKeys(settings)).map(([field, wanted]) => ({
    field,
    test: make(wanted, [...path, field]),
  }));
  return (event) => tests.every(({ field, test }) => test(getField(event, field)));
}

/** `range: {http.code: {gte: 400}}` or `range: {http.code.gte: 400}`. */
function rangeCondition(settings: unknown, path: KeyPath): Condition {
  if (!isObject(settings)) throw processorError(path, "a mapping of fields to limits is expected");
  const tests = Object.entries(flattenKeys(settings)).map(([key, limit]) => {
    const dot = key.lastIndexOf(".");
    return comparison(key.slice(0, dot), key.slice(dot + 1), limit, [...path, key]);
  });
  return (event) => tests.every((test) => test(event));
}

function comparison(field: string, kind: string, bound: unknown, path: KeyPath): Condition {
  const limit = Number(bound);
  const compare = {
    lt: (n: number) => n < limit,
    lte: (n: number) => n <= limit,
    gt: (n: number) => n > limit,
    gte: (n: number) => n >= limit,
  }[kind];
  if (compare === undefined) throw processorError(path, `range knows lt, lte, gt and gte, not ${kind}`);
  if (Number.isNaN(limit)) throw processorError(path, "a number is expected");
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

function networkTest(name: string, path: KeyPath): (address: string) => boolean {
  const but = Object.hasOwn(ALL_BUT, name) ? ALL_BUT[name] : undefined;
  const networks = blockList(but ?? [name], path);
  const inside = (address: string): boolean => networks.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return but === undefined ? inside : (address) => !inside(address);
}

function blockList(names: readonly string[], path: KeyPath): BlockList {
  const result = new BlockList();
  for (const network of names.flatMap((name) => (Object.hasOwn(NETWORKS, name) ? (NETWORKS[name] ?? []) : [name]))) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address);
    const bits = Number(prefix ?? (family === 6 ? 128 : 32));
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) {
      const known = [...Object.keys(NETWORKS), ...Object.keys(ALL_BUT)].join(", ");
      throw processorError(path, `${network} is not a network`, `such as 10.0.0.0/8, or one of ${known}`);
    }
    result.addSubnet(address, bits, family === 6 ? "ipv6" : "ipv4");
  }
  return result;
}

function list(value: unknown, path: KeyPath): readonly unknown[] {
  if (!Array.isArray(value)) throw processorError(path, "a list is expected");
  return value;
}
