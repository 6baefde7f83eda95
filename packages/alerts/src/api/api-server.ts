import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describeUserError, type Listening, listenOn, UserError, validateConfig } from "@falco-efk/kit";
import type { Metrics } from "@falco-efk/kit/metrics";
import type { Alerter } from "../alerter.ts";
import { RULE_SCHEMA } from "../config/config-schema.ts";
import type { RuleSource } from "../rules/alert-rule.ts";
import { deliveryView, entryView, ruleView } from "./api-views.ts";

export interface ApiOptions {
  readonly alerter: Alerter;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly kibanaUrl: string | null;
  readonly metrics: Metrics;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

const STATUS_OF: Readonly<Record<string, number>> = { RULE_EXISTS: 409, RULE_IN_FILE: 409, RULE_UNKNOWN: 404 };
const LARGEST_BODY = 65_536;

/** Serves falco-alert's API. Throws UserError (`LISTEN`) when the address can't be had. */
export async function serveApi(options: ApiOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => send(response, failure(error)));
  });
  return listenOn(server, options.host, options.port);
}

async function answer(options: ApiOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const method = request.method ?? "GET";
  if (!isOurHost(request.headers.host, options.host)) {
    send(response, refuse(403, "this address is not ours"));
  } else if (method !== "GET" && request.headers["kbn-xsrf"] === undefined) {
    // A web page can make a browser send a request here, but not one with a header of its own.
    send(response, refuse(400, "a request that changes something needs the header kbn-xsrf"));
  } else if (method === "GET" && url.pathname === "/metrics") {
    response.writeHead(200, { "content-type": options.metrics.registry.contentType });
    response.end(await options.metrics.registry.metrics());
  } else {
    send(response, await route(options, method, url, request));
  }
}

async function route(
  { alerter, kibanaUrl }: ApiOptions,
  method: string,
  url: URL,
  request: IncomingMessage,
): Promise<Reply> {
  const [, resource = "", encoded, action] = url.pathname.split("/");
  const name = encoded === undefined ? undefined : decodeURIComponent(encoded);
  const key = `${method} /${resource}${name === undefined ? "" : "/NAME"}${action === undefined ? "" : `/${action}`}`;
  switch (key) {
    case "GET /rules":
      return { status: 200, body: { rules: alerter.list().map(ruleView) } };
    case "POST /rules":
      return { status: 201, body: ruleView(alerter.add(await readRule(request))) };
    case "DELETE /rules/NAME":
      alerter.remove(name ?? "");
      return { status: 204 };
    case "POST /rules/NAME/test":
      return { status: 200, body: { deliveries: (await alerter.sample(name ?? "")).map(deliveryView) } };
    case "GET /recipients": {
      const recipients = [...alerter.recipients.values()].map(({ name: own, type }) => ({ name: own, type }));
      return { status: 200, body: { recipients } };
    }
    case "GET /history": {
      const rule = url.searchParams.get("rule");
      const entries = alerter.store.history({ limit: limitOf(url), ...(rule === null ? {} : { rule }) });
      const views = entries.map(({ notification, deliveries }) => entryView(notification, deliveries, kibanaUrl));
      return { status: 200, body: { entries: views } };
    }
    case "GET /healthz": {
      const reason = alerter.health();
      return reason === null
        ? { status: 200, body: { status: "ok" } }
        : { status: 503, body: { status: "failing", reason } };
    }
    default:
      return refuse(404, `there is no ${method} ${url.pathname}`);
  }
}

function limitOf(url: URL): number {
  const text = url.searchParams.get("limit") ?? "100";
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1000) {
    throw new UserError(`limit is ${text}; a number from 1 to 1000 is expected`, { code: "REQUEST" });
  }
  return limit;
}

async function readRule(request: IncomingMessage): Promise<RuleSource> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LARGEST_BODY) throw new UserError("the request is too large", { code: "REQUEST" });
    chunks.push(chunk as Buffer);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new UserError("the request isn't JSON", { code: "REQUEST" });
  }
  return validateConfig<RuleSource>({ file: "request", value, position: () => null }, RULE_SCHEMA);
}

/** Only names of this machine, so that a foreign host name that leads here (DNS rebinding) gets nothing. */
function isOurHost(header: string | undefined, host: string): boolean {
  const name = (header ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return ["localhost", "127.0.0.1", "::1", host].includes(name) || host === "0.0.0.0" || host === "::";
}

function refuse(status: number, message: string): Reply {
  return { status, body: { statusCode: status, error: "falco-alert", message } };
}

function failure(error: unknown): Reply {
  if (!(error instanceof UserError)) return refuse(500, error instanceof Error ? error.message : String(error));
  return refuse(STATUS_OF[error.code] ?? 400, describeUserError(error).replace(/^request: /, ""));
}

function send(response: ServerResponse, { status, body }: Reply): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}
