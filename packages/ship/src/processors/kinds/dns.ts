import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { systemErrorCode } from "@falco-efk/kit";
import { asText, type EventObject, getField, setField } from "../event.ts";
import { LookupCache } from "../lookup-cache.ts";
import { failed, type ProcessorContext, type ProcessorKind } from "../processor.ts";
import type { Settings } from "../settings.ts";
import { appendTo } from "./put.ts";

type Answer = readonly string[];

const TYPES = ["reverse", "A", "AAAA", "TXT"] as const;
/** What a name server answers for a name that has no such record. */
const NOTHING = new Set(["ENOTFOUND", "ENODATA"]);

/** Looks up names of addresses (or addresses and texts of names) and keeps the answers. Events wait for theirs, at most `timeout`. */
export const dns: ProcessorKind = (settings, context) => {
  const type = settings.choice("type", TYPES);
  const pairs = readPairs(settings);
  const replace = settings.choice("action", ["append", "replace"] as const, "append") === "replace";
  const failureTags = settings.texts("tag_on_failure", []);
  const look = makeLookup(settings, type, context);
  const cache = makeCache(settings, context);
  return (event) => {
    const pending: Promise<void>[] = [];
    for (const [from, to] of pairs) {
      const name = asText(getField(event, from));
      if (name === null || name === "" || (type === "reverse" && isIP(name) === 0)) continue;
      const put = (answer: Answer | null): void => putAnswer(event, to, answer, replace, failureTags);
      const found = cache.get(name, look);
      if (found instanceof Promise) pending.push(found.then(put));
      else put(found);
    }
    return pending.length === 0 ? event : Promise.all(pending).then(() => event);
  };
};

function putAnswer(
  event: EventObject,
  to: string,
  answer: Answer | null,
  replace: boolean,
  failureTags: readonly string[],
): void {
  if (answer === null) {
    if (failureTags.length > 0) appendTo(event, "tags", failureTags);
    return;
  }
  const there = getField(event, to);
  if (there !== undefined && !replace) appendTo(event, to, answer);
  else setField(event, to, answer.length === 1 ? answer[0] : answer);
}

/** `fields: {source.ip: source.domain}`; the mapping may also be nested, as YAML with dots is. */
function readPairs(settings: Settings): readonly (readonly [from: string, to: string])[] {
  const pairs = Object.entries(settings.object("fields"));
  if (pairs.length === 0 || pairs.some(([, to]) => typeof to !== "string" || to === "")) {
    throw settings.error("a mapping such as {source.ip: source.domain} is expected", "fields");
  }
  return pairs as [string, string][];
}

function makeLookup(
  settings: Settings,
  type: (typeof TYPES)[number],
  context: ProcessorContext,
): (name: string) => Promise<Answer | null> {
  const timeout = settings.duration("timeout", "500ms");
  settings.choice("transport", ["udp"] as const, "udp");
  const resolver = new Resolver({ timeout, tries: 1 });
  const servers = settings.texts("nameservers", []);
  try {
    if (servers.length > 0) resolver.setServers(servers);
  } catch {
    throw settings.error("addresses such as 192.0.2.1 or 192.0.2.1:53 are expected", "nameservers");
  }
  const ask = (name: string): Promise<readonly (string | readonly string[])[]> => {
    if (type === "reverse") return resolver.reverse(name);
    if (type === "A") return resolver.resolve4(name);
    return type === "AAAA" ? resolver.resolve6(name) : resolver.resolveTxt(name);
  };
  return async (name) => {
    try {
      const answers = await ask(name);
      return answers.map((answer) => (typeof answer === "string" ? answer : answer.join("")));
    } catch (error) {
      const code = systemErrorCode(error) ?? "";
      if (!NOTHING.has(code)) failed(context, settings.name, `${name}: the name server says ${code || String(error)}`);
      return null;
    }
  };
}

function makeCache(settings: Settings, context: ProcessorContext): LookupCache<Answer> {
  const success = settings.inner("success_cache");
  const failure = settings.inner("failure_cache");
  const foundMs = success.duration("min_ttl", "1m");
  const missingMs = failure.duration("ttl", "1m");
  const most = success.inner("capacity").number("max", 10_000);
  return new LookupCache({ foundMs, missingMs, most: Math.max(1, most), now: context.now });
}
