import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { ElasticError } from "../errors.ts";
import { catRoutes } from "./cat-routes.ts";
import { clusterRoutes } from "./cluster-routes.ts";
import type { HttpContext } from "./context.ts";
import { documentRoutes } from "./document-routes.ts";
import { indexRoutes } from "./index-routes.ts";
import { answerError, toElasticError } from "./respond.ts";
import { searchRoutes } from "./search-routes.ts";
import { templateRoutes } from "./template-routes.ts";

const inflate = promisify(gunzip);

async function inflateBody(body: Buffer, most: number): Promise<Buffer> {
  try {
    return await inflate(body, { maxOutputLength: most });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === "ERR_BUFFER_TOO_LARGE"
      ? new ElasticError(413, "content_too_long_exception", `the unpacked body is larger than ${most} bytes`)
      : new ElasticError(400, "parse_exception", `the body is no gzip: ${message}`);
  }
}

/** Makes the HTTP server over a catalog. It does not listen yet. */
export function makeServer(
  context: HttpContext,
  options: { readonly maxBodyBytes: number; readonly onFailure: (error: unknown) => void },
): FastifyInstance {
  const app = fastify({
    bodyLimit: options.maxBodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 4096, ignoreDuplicateSlashes: true, ignoreTrailingSlash: true },
    forceCloseConnections: true,
  });
  // Elasticsearch takes bodies with GET, and its users send them.
  app.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding === "identity") {
      return body;
    }
    if (encoding !== "gzip") {
      throw new ElasticError(415, "illegal_argument_exception", `a body in [${encoding}] is not read: send gzip`);
    }
    return await inflateBody(body, options.maxBodyBytes);
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-elastic-product", "Elasticsearch");
    context.guard.check(request.headers);
  });
  app.setErrorHandler((error, request, reply) => {
    const failure = toElasticError(error);
    if (failure.status >= 500 && failure !== error) {
      options.onFailure(error);
    }
    if (failure.status === 401) {
      reply.header("www-authenticate", 'Basic realm="security" charset="UTF-8"');
    }
    return answerError(request, reply, failure);
  });
  app.setNotFoundHandler((request, reply) => {
    const reason = `[${request.method} ${request.url.split("?")[0]}] is not supported by the embedded store`;
    return answerError(request, reply, new ElasticError(400, "illegal_argument_exception", reason));
  });
  for (const routes of [clusterRoutes, catRoutes, templateRoutes, searchRoutes, documentRoutes, indexRoutes]) {
    routes(app, context);
  }
  return app;
}
