import { describeSystemError } from "@falco-efk/kit";
import type { FastifyInstance } from "fastify";
import { request as send } from "undici";

/** Passes `/api/console/alerts/…` on to falco-alert's API, which alone owns the thresholds and their state. */
export function addAlertsProxy(app: FastifyInstance, alertsUrl: string | undefined): void {
  app.route<{ Params: { "*": string } }>({
    method: ["GET", "POST", "PUT", "DELETE"],
    url: "/api/console/alerts/*",
    handler: async (request, reply) => {
      const refuse = (statusCode: number, message: string) =>
        reply.code(statusCode).send({ statusCode, error: "Alerts", message });
      if (alertsUrl === undefined) return refuse(501, "falco-alert is not configured (--alerts-url)");
      const path = request.params["*"];
      if (path.split("/").some((part) => part === "." || part === "..")) return refuse(400, "no such path");
      try {
        const query = request.url.includes("?") ? `?${request.url.split("?").slice(1).join("?")}` : "";
        const answer = await send(`${alertsUrl.replace(/\/+$/, "")}/${path}${query}`, {
          method: request.method as "GET",
          headers: { accept: "application/json", "content-type": "application/json", "kbn-xsrf": "falco-console" },
          headersTimeout: 15_000,
          ...(request.body === undefined || request.body === null ? {} : { body: JSON.stringify(request.body) }),
        });
        const body = Buffer.from(await answer.body.arrayBuffer());
        return reply.code(answer.statusCode).header("content-type", "application/json").send(body);
      } catch (error) {
        return refuse(502, `falco-alert can't be reached: ${describeSystemError(error)}`);
      }
    },
  });
}
