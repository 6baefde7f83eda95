import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { createLogger, listenError, UserError, webUrl } from "@falco-efk/kit";
import { type FastifyInstance, fastify } from "fastify";
import type { Console, ConsoleOptions } from "./console-options.ts";
import { createElasticClient, type ElasticClient } from "./elastic/elastic-client.ts";
import { addElasticProxy } from "./elastic/elastic-proxy.ts";
import { addGuard } from "./guard/guard.ts";
import { isLoopback } from "./guard/host-check.ts";
import { createSessions } from "./guard/sessions.ts";
import { addDataViewRoutes } from "./objects/data-view-routes.ts";
import { addObjectRoutes } from "./objects/object-routes.ts";
import { openObjectStore } from "./objects/object-store.ts";
import { addPageRoutes } from "./page-files.ts";
import { reportPipeline, reportRules } from "./pipeline.ts";
import { addServiceProxy } from "./service-proxy.ts";

/** The Kibana whose saved-object API this one answers like; falco-bootstrap chooses its calls by it. */
const KIBANA_VERSION = "8.19.0";
/** Longer than the minute that falco-ship gives a replay, so that its own word arrives. */
const REPLAY_MS = 90_000;
/** An export of some thousand objects; a search's body is far smaller. */
const BODY_LIMIT = 26_214_400;

/**
 * Starts the console. Elasticsearch may be away: the page says so and tries again.
 * Throws UserError: `LISTEN`, `DATA_DIR`, `PAGE_MISSING`, `PASSWORD_NEEDED`.
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const host = options.host ?? "127.0.0.1";
  const port = options.port ?? 5601;
  const password = options.password === "" ? undefined : options.password;
  if (password === undefined && !isLoopback(host)) {
    throw new UserError(`listening on ${host} needs a password`, {
      code: "PASSWORD_NEEDED",
      hint: "set FALCO_CONSOLE_PASSWORD or --password-file, or listen on 127.0.0.1",
    });
  }
  const client = createElasticClient({ ...options.elasticsearch, url: options.elasticsearchUrl });
  const app = await createApp(options, host, password, client);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenError(error, host, port);
  }
  const address = app.server.address() as AddressInfo | null;
  const actual = address?.port ?? port;
  const scheme = options.tls === undefined ? "http" : "https";
  return {
    url: webUrl(scheme, host, actual),
    port: actual,
    close: () => app.close(),
  };
}

async function createApp(
  options: ConsoleOptions,
  host: string,
  password: string | undefined,
  client: ElasticClient,
): Promise<FastifyInstance> {
  const logger = options.logger ?? createLogger("falco-console", { level: "warn" });
  const now = options.now ?? Date.now;
  const store = await openObjectStore(join(options.dataDir, "saved-objects"), logger, () => new Date(now()));
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: "array" } },
    ...(options.tls === undefined ? {} : { https: { cert: options.tls.cert, key: options.tls.key } }),
  }) as unknown as FastifyInstance;
  app.addContentTypeParser("multipart/form-data", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.addContentTypeParser("application/x-ndjson", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.addHook("onClose", async () => client.close());
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, request, reply) => {
    const statusCode = error.statusCode ?? 500;
    if (statusCode >= 500) logger.error({ err: error, method: request.method, path: request.url }, "a request failed");
    const message = statusCode >= 500 ? "the console failed at this; its log says why" : error.message;
    return reply.code(statusCode).send({ statusCode, error: STATUS_CODES[statusCode] ?? "Error", message });
  });

  addGuard(app, {
    allowedHosts: [hostname(), ...(isLoopback(host) ? [] : [host]), ...(options.allowedHosts ?? [])],
    sessions: password === undefined ? null : createSessions(password, now),
    tls: options.tls !== undefined,
  });
  addObjectRoutes(app, store);
  addDataViewRoutes(app, store);
  addElasticProxy(app, client);
  addServiceProxy(app, {
    path: "alerts",
    name: "falco-alert",
    url: options.alertsUrl,
    option: "--alerts-url",
    timeoutMs: 15_000,
  });
  const lettersUrl = options.deadLettersUrl ?? options.shipUrl;
  addServiceProxy(app, {
    path: "dead-letters",
    name: "falco-ship",
    url: lettersUrl === undefined ? undefined : new URL("/dead-letters", lettersUrl).href,
    option: "--ship-url",
    token: options.shipToken,
    timeoutMs: REPLAY_MS,
  });
  addStatusRoutes(app, options, client, now, password !== undefined);
  await addPageRoutes(app, options.pageDirectory);
  return app;
}

function addStatusRoutes(
  app: FastifyInstance,
  options: ConsoleOptions,
  client: ElasticClient,
  now: () => number,
  login: boolean,
): void {
  const uuid = randomUUID();
  const mode = options.mode ?? "live";
  app.get("/api/status", async () => ({
    name: "falco-console",
    uuid,
    version: {
      number: KIBANA_VERSION,
      build_hash: "",
      build_number: 0,
      build_snapshot: false,
      build_flavor: "falco-efk",
    },
    status: { overall: { level: "available", summary: "All services are available" } },
  }));
  app.get("/api/console/info", async () => ({
    mode,
    login,
    alerts: options.alertsUrl !== undefined,
    engine: options.engineUrl !== undefined,
    ship: options.shipUrl !== undefined,
  }));
  app.get("/api/console/rules", async () => reportRules(options));
  app.get("/api/console/pipeline", async () => reportPipeline(options, client, mode, now));
}
