import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { describeSystemError, type Listening, listenOn, UserError } from "@falco-efk/kit";
import type { WebserverSection } from "../config/config.ts";
import type { EngineView } from "../engine-view.ts";
import { versions } from "../versions.ts";
import { prometheusText } from "./prometheus.ts";
import { listRules } from "./rules.ts";
import { createStatus } from "./status.ts";

/** Serves health, versions, status, rules and metrics of a running engine. Throws UserError (`LISTEN`, `FILE_READ`). */
export async function startWebServer(section: WebserverSection, view: EngineView): Promise<Listening> {
  const status = createStatus(view);
  const pages: Record<string, () => { type: string; body: string }> = {
    [section.k8s_healthz_endpoint]: () => ({ type: "application/json", body: '{"status": "ok"}' }),
    "/versions": () => ({ type: "application/json", body: JSON.stringify(versions()) }),
    "/status": () => ({ type: "application/json", body: JSON.stringify(status()) }),
    "/rules": () => ({ type: "application/json", body: JSON.stringify(listRules(view)) }),
  };
  if (section.prometheus_metrics_enabled) {
    pages["/metrics"] = () => ({ type: "text/plain; version=0.0.4", body: prometheusText(view) });
  }
  const listener: RequestListener = (request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const page = pages[path];
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else if (page === undefined) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error": "not found"}');
    } else {
      const { type, body } = page();
      response.writeHead(200, { "content-type": type }).end(body);
    }
  };
  // An import of node:http makes all it exports, Node's own client of the web among it: 14 MB that nothing here uses.
  const server = section.ssl_enabled
    ? process.getBuiltinModule("node:https").createServer(certificate(section), listener)
    : process.getBuiltinModule("node:http").createServer(listener);
  server.unref();
  return listenOn(server, section.listen_address, section.listen_port);
}

function certificate(section: WebserverSection): { cert: string; key: string } {
  const file = section.ssl_certificate;
  try {
    const text = readFileSync(file, "utf8");
    return { cert: text, key: text };
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, {
      code: "FILE_READ",
      file,
      key: "webserver.ssl_certificate",
      cause: error,
    });
  }
}
