import type { FastifyInstance } from "fastify";
import { ElasticError, illegalArgument, parsingError } from "../errors.ts";
import { resolveIndices } from "../indices/resolve-indices.ts";
import { compileQuery } from "../query/compile.ts";
import { count, search } from "../search/search.ts";
import { type HttpContext, resolveOptions, searchOptions } from "./context.ts";
import { Params, parseJson } from "./params.ts";
import { answer, toElasticError } from "./respond.ts";

/** `_search`, `_msearch`, `_count`, `_validate/query`. */
export function searchRoutes(app: FastifyInstance, context: HttpContext): void {
  const { catalog } = context;
  const methods = ["GET", "POST"] as ("GET" | "POST")[];

  for (const url of ["/_search", "/:index/_search"]) {
    app.route({
      method: methods,
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        if (params.text("scroll") !== undefined) {
          throw illegalArgument("[scroll] is not supported by the embedded store: use [search_after]");
        }
        const body = withUriSearch(params, params.json());
        return answer(
          request,
          reply,
          await search(catalog, params.part("index"), body, searchOptions(context, params)),
        );
      },
    });
  }

  for (const url of ["/_count", "/:index/_count"]) {
    app.route({
      method: methods,
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        const body = withUriSearch(params, params.json());
        const extra = Object.keys(body).find((key) => key !== "query");
        if (extra !== undefined) {
          throw parsingError(`request does not support [${extra}]`);
        }
        const { count: value, shards } = await count(
          catalog,
          params.part("index"),
          body,
          searchOptions(context, params),
        );
        return answer(request, reply, {
          count: value,
          _shards: { total: shards, successful: shards, skipped: 0, failed: 0 },
        });
      },
    });
  }

  for (const url of ["/_msearch", "/:index/_msearch"]) {
    app.route({
      method: methods,
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        const started = performance.now();
        const answers: string[] = [];
        for (const { header, body } of readMultiSearch(params)) {
          answers.push(await searchOne(context, params, header, body));
        }
        return answer(
          request,
          reply,
          `{"took":${Math.round(performance.now() - started)},"responses":[${answers.join(",")}]}`,
        );
      },
    });
  }

  for (const url of ["/_validate/query", "/:index/_validate/query"]) {
    app.route({
      method: methods,
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        const body = withUriSearch(params, params.json());
        const indices = resolveIndices(catalog, params.part("index"), resolveOptions(params));
        let valid = true;
        for (const index of indices) {
          try {
            compileQuery({ indexName: index.name, mapping: index.mapping, now: context.now() }, body.query);
          } catch {
            valid = false;
          }
        }
        return answer(request, reply, { _shards: { total: 1, successful: 1, failed: 0 }, valid });
      },
    });
  }
}

async function searchOne(
  context: HttpContext,
  params: Params,
  header: Record<string, unknown>,
  body: Record<string, unknown>,
): Promise<string> {
  const named = header.index ?? params.part("index");
  const expression = Array.isArray(named) ? named.join(",") : String(named);
  const options = searchOptions(context, params);
  const flags = {
    ...(header.ignore_unavailable === undefined ? {} : { ignoreUnavailable: header.ignore_unavailable === true }),
    ...(header.allow_no_indices === undefined ? {} : { allowNoIndices: header.allow_no_indices === true }),
  };
  try {
    const text = await search(context.catalog, expression, body, { ...options, ...flags });
    return `${text.slice(0, -1)},"status":200}`;
  } catch (error) {
    const failure = toElasticError(error);
    const cause = failure.toCause();
    return JSON.stringify({ error: { root_cause: cause.root_cause ?? [cause], ...cause }, status: failure.status });
  }
}

function readMultiSearch(params: Params): { header: Record<string, unknown>; body: Record<string, unknown> }[] {
  if (!params.body) {
    throw new ElasticError(400, "parse_exception", "request body or source parameter is required");
  }
  const lines = params.body.toString().split("\n");
  const last = lines.pop();
  if (last !== "") {
    throw illegalArgument("The msearch request must be terminated by a newline [\\n]");
  }
  const searches = [];
  for (let i = 0; i < lines.length; i += 2) {
    const header = lines[i]?.trim() === "" ? {} : parseJson(lines[i] ?? "{}");
    const body = lines[i + 1];
    if (body === undefined) {
      throw illegalArgument("a search header without a body");
    }
    searches.push({ header, body: body.trim() === "" ? {} : parseJson(body) });
  }
  if (searches.length === 0) {
    throw new ElasticError(400, "action_request_validation_exception", "Validation Failed: 1: no requests added;");
  }
  return searches;
}

/** Adds what the URL says to a body: `q`, `size`, `sort`, `_source` and their like. */
function withUriSearch(params: Params, body: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...body };
  const q = params.text("q");
  if (q !== undefined) {
    const df = params.text("df");
    merged.query = {
      query_string: {
        query: q,
        ...(df === undefined ? {} : { default_field: df }),
        ...(params.text("default_operator") === undefined ? {} : { default_operator: params.text("default_operator") }),
        ...(params.flag("lenient") === undefined ? {} : { lenient: params.flag("lenient") }),
      },
    };
  }
  for (const name of ["size", "from", "track_total_hits", "timeout"]) {
    const value = params.text(name);
    if (value !== undefined) {
      if ((name === "size" || name === "from") && !/^-?\d+$/.test(value)) {
        throw illegalArgument(`Failed to parse int parameter [${name}] with value [${value}]`);
      }
      merged[name] = value;
    }
  }
  for (const name of ["version", "seq_no_primary_term"]) {
    if (params.flag(name) !== undefined) {
      merged[name] = params.flag(name);
    }
  }
  const sort = params.text("sort");
  if (sort !== undefined) {
    merged.sort = sort.split(",");
  }
  const source = sourceParams(params);
  if (source !== undefined) {
    merged._source = source;
  }
  return merged;
}

/** `_source`, `_source_includes` and `_source_excludes` of a URL, as a body would say them. */
export function sourceParams(params: Params): unknown {
  const [source, includes, excludes] = ["_source", "_source_includes", "_source_excludes"].map((name) =>
    params.text(name),
  );
  if (includes !== undefined || excludes !== undefined) {
    return { includes: includes?.split(",") ?? [], excludes: excludes?.split(",") ?? [] };
  }
  return source === "true" || source === "false" ? source : source?.split(",");
}
