import type { FastifyRequest } from "fastify";
import { ElasticError, illegalArgument } from "../errors.ts";
import { bigIntegers } from "../search/exact-json.ts";

/** A request's path and query parameters, and its body. */
export class Params {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Buffer | null;

  constructor(request: FastifyRequest) {
    this.path = request.params as Record<string, string>;
    this.query = request.query as Record<string, string>;
    this.body = Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body : null;
  }

  /** A path parameter; the empty text when the route has none. */
  part(name: string): string {
    return this.path[name] ?? "";
  }

  /** A query parameter. */
  text(name: string): string | undefined {
    return this.query[name];
  }

  /** A query parameter that is true, false or absent. `?pretty` means true. */
  flag(name: string): boolean | undefined {
    const value = this.query[name];
    if (value === undefined) {
      return undefined;
    }
    if (value === "true" || value === "") {
      return true;
    }
    if (value === "false") {
      return false;
    }
    throw illegalArgument(`Failed to parse value [${value}] as only [true] or [false] are allowed.`);
  }

  /** The body as a JSON object; an absent one is empty. Integers beyond 2^53 are bigints. */
  json(): Record<string, unknown> {
    return this.body ? parseJson(this.body.toString()) : {};
  }

  /** The body as a JSON object, which must be there. */
  requiredJson(): Record<string, unknown> {
    if (!this.body) {
      throw new ElasticError(400, "parse_exception", "request body is required");
    }
    return this.json();
  }
}

/** Parses a JSON object. Throws `x_content_parse_exception`. */
export function parseJson(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    // The reviver is slow, and only long digits need it.
    value = /\d{16}/.test(text) ? JSON.parse(text, bigIntegers) : JSON.parse(text);
  } catch (error) {
    throw new ElasticError(400, "x_content_parse_exception", (error as Error).message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ElasticError(400, "parsing_exception", "Expected [START_OBJECT] at the start of the body");
  }
  return value as Record<string, unknown>;
}
