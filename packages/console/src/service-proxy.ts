import { describeSystemError } from "@falco-efk/kit";
import type { FastifyInstance } from "fastify";
import { request as send } from "undici";

/** A service of the suite whose API the page uses through the console's server. */
export interface ProxiedService {
  /** What follows `/api/console/` in the page's own paths. */
  readonly path: string;
  /** Who answers, for messages. */
  readonly name: string;
  /** Where the paths go on; undefined when the console wasn't told. */
  readonly url: string | undefined;
  /** The console's option that tells it. */
  readonly option: string;
  /** What the service asks for as `Authorization: Bearer …`. */
  readonly token?: string | undefined;
  /** How long an answer may take, ms. */
  readonly timeoutMs: number;
}

/** Passes `/api/console/PATH` and everything under it on to a service, which alone owns what it answers about. */
export function addServiceProxy(app: FastifyInstance, service: ProxiedService): void {
  const { name, option, timeoutMs } = service;
  const base = `/api/console/${service.path}`;
  for (const url of [base, `${base}/*`]) {
    app.route<{ Params: { "*"?: string } }>({
      method: ["GET", "POST", "PUT", "DELETE"],
      url,
      handler: async (request, reply) => {
        const refuse = (statusCode: number, message: string) =>
          reply.code(statusCode).send({ statusCode, error: name, message });
        if (service.url === undefined) return refuse(501, `${name} is not configured (${option})`);
        const rest = request.params["*"];
        if (rest?.split("/").some((part) => part === "." || part === "..")) return refuse(400, "no such path");
        try {
          const query = request.url.includes("?") ? `?${request.url.split("?").slice(1).join("?")}` : "";
          const path = rest === undefined ? "" : `/${rest.split("/").map(encodeURIComponent).join("/")}`;
          const answer = await send(`${service.url.replace(/\/+$/, "")}${path}${query}`, {
            method: request.method as "GET",
            headers: {
              accept: "application/json",
              "content-type": "application/json",
              "kbn-xsrf": "falco-console",
              ...(service.token === undefined ? {} : { authorization: `Bearer ${service.token}` }),
            },
            headersTimeout: timeoutMs,
            ...(request.body === undefined || request.body === null ? {} : { body: JSON.stringify(request.body) }),
          });
          const body = Buffer.from(await answer.body.arrayBuffer());
          return reply.code(answer.statusCode).header("content-type", "application/json").send(body);
        } catch (error) {
          return refuse(502, `${name} can't be reached: ${describeSystemError(error)}`);
        }
      },
    });
  }
}
