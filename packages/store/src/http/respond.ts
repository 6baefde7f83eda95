import type { FastifyReply, FastifyRequest } from "fastify";
import { diskFull, ElasticError, isFullDisk } from "../errors.ts";
import { keepDigits, stringifyExact } from "../search/exact-json.ts";
import { filterPath } from "./filter-path.ts";

/** The content type that a client asked for: Elasticsearch's own where it names it, else JSON. */
export function mediaType(request: FastifyRequest): string {
  const match = /application\/vnd\.elasticsearch\+json;\s*compatible-with=(\d)/.exec(request.headers.accept ?? "");
  return match ? `application/vnd.elasticsearch+json;compatible-with=${match[1]}` : "application/json";
}

/** Answers with a value, or with JSON text that is passed on as it is. */
export function answer(request: FastifyRequest, reply: FastifyReply, value: unknown, status = 200): FastifyReply {
  const query = request.query as Record<string, string>;
  const pretty = query.pretty !== undefined && query.pretty !== "false";
  let text = typeof value === "string" ? value : stringifyExact(value);
  if (query.filter_path !== undefined) {
    text = JSON.stringify(filterPath(JSON.parse(text, keepDigits), query.filter_path));
  }
  if (pretty) {
    text = `${JSON.stringify(JSON.parse(text, keepDigits), null, 2)}\n`;
  }
  return reply.status(status).header("content-type", mediaType(request)).send(text);
}

/** Answers with plain text, as `_cat` does. */
export function answerText(reply: FastifyReply, text: string): FastifyReply {
  return reply.header("content-type", "text/plain; charset=UTF-8").send(text);
}

/** Answers with an error in Elasticsearch's shape. */
export function answerError(request: FastifyRequest, reply: FastifyReply, error: ElasticError): FastifyReply {
  const { root_cause, ...rest } = error.toCause();
  const { caused_by: _left, ...own } = error.toCause();
  return answer(
    request,
    reply,
    { error: { root_cause: root_cause ?? [own], ...rest }, status: error.status },
    error.status,
  );
}

/** Any failure as one that can be answered. */
export function toElasticError(error: unknown): ElasticError {
  if (error instanceof ElasticError) {
    return error;
  }
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) {
    return new ElasticError(
      413,
      "content_too_long_exception",
      "the request body is larger than the limit of the embedded store",
    );
  }
  if (statusCode !== undefined && statusCode < 500) {
    return new ElasticError(statusCode, "illegal_argument_exception", message ?? "bad request");
  }
  if (isFullDisk(error)) {
    return diskFull("_all");
  }
  if (error instanceof RangeError && /call stack/.test(message ?? "")) {
    return new ElasticError(400, "illegal_argument_exception", "the request nests too deeply");
  }
  return new ElasticError(500, "exception", message ?? "an unknown failure");
}
