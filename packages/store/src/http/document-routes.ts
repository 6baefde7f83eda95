import type { BulkOperation } from "@falco-efk/elastic";
import { bulkItem } from "@falco-efk/elastic";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ElasticError, illegalArgument, indexNotFound } from "../errors.ts";
import { executeWrites, parseBulk } from "../indices/bulk.ts";
import { resolveIndices, resolveWriteIndex } from "../indices/resolve-indices.ts";
import { compileSourceFilter } from "../search/source-filter.ts";
import type { HttpContext } from "./context.ts";
import { deleteByQuery } from "./delete-by-query.ts";
import { Params } from "./params.ts";
import { answer } from "./respond.ts";
import { sourceParams } from "./search-routes.ts";

/** `_bulk`, `_doc`, `_create`, `_update`, `_source`, `_mget`, `_delete_by_query`. */
export function documentRoutes(app: FastifyInstance, context: HttpContext): void {
  const { catalog } = context;

  for (const url of ["/_bulk", "/:index/_bulk"]) {
    app.route({
      method: ["POST", "PUT"],
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        if (!params.body) {
          throw new ElasticError(400, "parse_exception", "request body is required");
        }
        const index = params.part("index");
        const operations = parseBulk(params.body, index === "" ? undefined : index);
        // Plain: no number of it is beyond 2^53.
        return answer(request, reply, JSON.stringify(await executeWrites(catalog, operations)));
      },
    });
  }

  const write = (operation: BulkOperation) => async (request: FastifyRequest, reply: FastifyReply) => {
    const params = new Params(request);
    const id = params.part("id");
    const ifSeqNo = params.text("if_seq_no");
    if (!params.body && operation !== "delete") {
      throw new ElasticError(400, "parse_exception", "request body is required");
    }
    const chosen = params.text("op_type") === "create" ? "create" : operation;
    const meta = {
      _index: params.part("index"),
      ...(id === "" ? {} : { _id: id }),
      ...(ifSeqNo === undefined ? {} : { if_seq_no: Number(ifSeqNo) }),
    };
    const { items } = await executeWrites(catalog, [{ operation: chosen, meta, source: params.body }]);
    const { result } = bulkItem(items[0] ?? {});
    if (result.error) {
      const { type, reason, ...extra } = result.error;
      throw new ElasticError(result.status, type, reason ?? "", extra);
    }
    const { status, ...body } = result;
    return answer(request, reply, body, status);
  };
  app.route({ method: ["PUT", "POST"], url: "/:index/_doc/:id", handler: write("index") });
  app.route({ method: "POST", url: "/:index/_doc", handler: write("index") });
  app.route({ method: ["PUT", "POST"], url: "/:index/_create/:id", handler: write("create") });
  app.route({ method: "POST", url: "/:index/_update/:id", handler: write("update") });
  app.route({ method: "DELETE", url: "/:index/_doc/:id", handler: write("delete") });

  app.route({
    method: ["GET", "HEAD"],
    url: "/:index/_doc/:id",
    handler: async (request, reply) => {
      const params = new Params(request);
      const found = getDocument(context, params.part("index"), params.part("id"), sourceParams(params));
      return answer(request, reply, found.text, found.there ? 200 : 404);
    },
  });

  app.route({
    method: ["GET", "HEAD"],
    url: "/:index/_source/:id",
    handler: async (request, reply) => {
      const params = new Params(request);
      const index = oneIndex(context, params.part("index"));
      const found = index.find(params.part("id"));
      if (!found) {
        throw new ElasticError(
          404,
          "resource_not_found_exception",
          `Document not found [${index.name}]/[${params.part("id")}]`,
        );
      }
      const source = found.segment.read(found.document).source.toString();
      return answer(request, reply, compileSourceFilter(sourceParams(params))(source) ?? "{}");
    },
  });

  for (const url of ["/_mget", "/:index/_mget"]) {
    app.route({
      method: ["GET", "POST"],
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        const body = params.requiredJson();
        const docs =
          (body.docs as Record<string, unknown>[] | undefined) ??
          ((body.ids as unknown[]) ?? []).map((id) => ({ _id: id }));
        if (docs.length === 0) {
          throw new ElasticError(
            400,
            "action_request_validation_exception",
            "Validation Failed: 1: no documents to get;",
          );
        }
        const found = docs.map((doc) => {
          const name = String((doc as { _index?: unknown })._index ?? params.part("index"));
          try {
            return getDocument(
              context,
              name,
              String(doc._id),
              (doc as { _source?: unknown })._source ?? sourceParams(params),
            ).text;
          } catch (error) {
            if (!(error instanceof ElasticError)) {
              throw error;
            }
            return JSON.stringify({
              _index: name,
              _id: doc._id,
              error: { root_cause: [error.toCause()], ...error.toCause() },
            });
          }
        });
        return answer(request, reply, `{"docs":[${found.join(",")}]}`);
      },
    });
  }

  app.route({
    method: "POST",
    url: "/:index/_delete_by_query",
    handler: async (request, reply) => {
      const params = new Params(request);
      const body = params.json();
      if (body.query === undefined && params.text("q") === undefined) {
        throw new ElasticError(400, "action_request_validation_exception", "Validation Failed: 1: query is missing;");
      }
      const query = body.query ?? { query_string: { query: params.text("q") } };
      const indices = resolveIndices(catalog, params.part("index"), { allowNoIndices: true });
      return answer(request, reply, await deleteByQuery(catalog, indices, query, Number(body.max_docs ?? Infinity)));
    },
  });
}

function oneIndex(context: HttpContext, name: string) {
  const index = resolveWriteIndex(context.catalog, name);
  if (!index) {
    throw name.includes("*") ? illegalArgument(`[${name}] must be one index`) : indexNotFound(name);
  }
  return index;
}

function getDocument(
  context: HttpContext,
  name: string,
  id: string,
  source: unknown,
): { text: string; there: boolean } {
  const index = oneIndex(context, name);
  const found = index.find(id);
  const head = `"_index":${JSON.stringify(index.name)},"_id":${JSON.stringify(id)}`;
  if (!found) {
    return { text: `{${head},"found":false}`, there: false };
  }
  const stored = found.segment.read(found.document);
  const kept = compileSourceFilter(source)(stored.source.toString());
  const meta = `"_version":${stored.version},"_seq_no":${stored.seqNo},"_primary_term":1,"found":true`;
  return { text: `{${head},${meta}${kept === null ? "" : `,"_source":${kept}`}}`, there: true };
}
