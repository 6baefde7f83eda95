import { readFileSync } from "node:fs";
import {
  type ConfigDocument,
  describeSystemError,
  expandReferences,
  parseConfigDocument,
  readConfigDocument,
  UserError,
  validateConfig,
} from "@falco-efk/kit";
import { type AlertRule, buildRule } from "../rules/alert-rule.ts";
import { parseDuration } from "../rules/duration.ts";
import type { SearchTarget } from "../watch/event-search.ts";
import { type AlertsFile, CONFIG_SCHEMA, type RecipientConfig } from "./config-schema.ts";

/** alerts.yml, checked, with secrets filled in and rules understood. */
export interface AlertsConfig {
  readonly target: SearchTarget;
  readonly kibanaUrl: string | null;
  readonly intervalMs: number;
  readonly lateMs: number;
  readonly api: { readonly host: string; readonly port: number };
  readonly recipients: Readonly<Record<string, RecipientConfig>>;
  readonly rules: readonly AlertRule[];
}

type Lookup = (name: string) => string | undefined;

/** Reads alerts.yml. Throws UserError with file, line and key for the first fault. */
export function loadConfig(file: string, lookup: Lookup): AlertsConfig {
  return toConfig(readConfigDocument(file), lookup);
}

/** The same from a text; an empty one gives the defaults. */
export function parseConfig(text: string, file: string, lookup: Lookup): AlertsConfig {
  return toConfig(parseConfigDocument(text, file), lookup);
}

function toConfig(document: ConfigDocument, lookup: Lookup): AlertsConfig {
  const written = validateConfig<AlertsFile>(document, CONFIG_SCHEMA);
  refuseOpenSecrets(written, document);
  const config = expand(written, [], document, lookup) as AlertsFile;
  const duration = (key: "interval" | "late", fallback: number): number => {
    const value = config[key];
    const seconds = value === undefined ? fallback : parseDuration(value);
    if (seconds === null) throw fault(document, [key], `${JSON.stringify(value)} is no duration`, "write 30s or 5m");
    return seconds * 1000;
  };
  const recipients = (config.recipients ?? {}) as Record<string, RecipientConfig>;
  for (const [name, recipient] of Object.entries(recipients)) {
    // The address is a secret: the message doesn't show it.
    if ("url" in recipient && !isHttpAddress(recipient.url))
      throw fault(document, ["recipients", name, "url"], "isn't an address", "write http://HOST/… or https://HOST/…");
  }
  return {
    target: toTarget(config, document),
    kibanaUrl: config.kibana_url ?? null,
    intervalMs: duration("interval", 30),
    lateMs: duration("late", 600),
    api: { host: config.api?.host ?? "127.0.0.1", port: config.api?.port ?? 5602 },
    recipients,
    rules: toRules(config, new Set(Object.keys(recipients)), document),
  };
}

/** Fills references in, and says at which key one is missing. */
function expand(value: unknown, path: readonly (string | number)[], document: ConfigDocument, lookup: Lookup): unknown {
  if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index], document, lookup));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, expand(item, [...path, key], document, lookup)]),
    );
  }
  if (typeof value !== "string") return value;
  try {
    return expandReferences(value, lookup);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw fault(document, path, error.message, `${error.details.hint}, or put it into the keystore`);
  }
}

function isHttpAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

function toTarget(config: AlertsFile, document: ConfigDocument): SearchTarget {
  const {
    url = "http://127.0.0.1:9200",
    index = "logstash-*",
    username,
    password,
    api_key: apiKey,
    ca,
  } = config.elasticsearch ?? {};
  if (!isHttpAddress(url)) {
    throw fault(
      document,
      ["elasticsearch", "url"],
      `${JSON.stringify(url)} isn't an address`,
      "write http://HOST:PORT",
    );
  }
  const basic =
    username === undefined ? null : `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
  const authorization = apiKey === undefined || apiKey === "" ? basic : `ApiKey ${apiKey}`;
  return { url, index, authorization, ...(ca === undefined ? {} : { ca: readCa(ca, document) }) };
}

function readCa(ca: string, document: ConfigDocument): string {
  try {
    return readFileSync(ca, "utf8");
  } catch (error) {
    throw fault(document, ["elasticsearch", "ca"], `${ca} can't be read: ${describeSystemError(error)}`);
  }
}

function toRules(config: AlertsFile, recipients: ReadonlySet<string>, document: ConfigDocument): AlertRule[] {
  const rules: AlertRule[] = [];
  for (const [index, source] of (config.rules ?? []).entries()) {
    if (rules.some(({ name }) => name === source.name))
      throw fault(document, ["rules", index], `${source.name} is there twice`);
    try {
      rules.push(buildRule(source, "file", recipients));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const key = error.details.key?.split(".").at(-1) ?? "name";
      throw fault(document, ["rules", index, key], error.message, error.details.hint);
    }
  }
  return rules;
}

/** Keys, of the file and of HTTP headers, whose value is a secret: it has to come from the keystore or the environment. */
const SECRET_KEY = /^(password|api_key|authorization|cookie|.*(token|secret|api-?key).*)$/;

function refuseOpenSecrets(config: AlertsFile, document: ConfigDocument): void {
  const walk = (value: unknown, path: readonly (string | number)[], isSlack: boolean): void => {
    if (typeof value === "string") {
      const key = String(path.at(-1)).toLowerCase();
      const secret = SECRET_KEY.test(key) || (isSlack && key === "url");
      if (secret && value !== "" && !value.includes("${")) {
        throw fault(
          document,
          path,
          "is a secret and stands in the file",
          `put it into the environment or the keystore and write \${${key.toUpperCase().replaceAll("-", "_")}} here`,
        );
      }
      return;
    }
    if (value === null || typeof value !== "object") return;
    const slack = (value as { type?: unknown }).type === "slack";
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key], slack);
  };
  walk(config, [], false);
}

function fault(
  document: ConfigDocument,
  path: readonly (string | number)[],
  message: string,
  hint?: string,
): UserError {
  return new UserError(message, {
    code: "CONFIG_INVALID",
    file: document.file,
    ...document.position(path),
    key: path.join("."),
    ...(hint === undefined ? {} : { hint }),
  });
}
