import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { type Static, Type } from "typebox";
import { ExportMissingError, exportObjects } from "./export-objects.ts";
import { findObjects } from "./find-objects.ts";
import { ImportFileError, importObjects, parseExport } from "./import-objects.ts";
import { ObjectError, type ObjectStore } from "./object-store.ts";
import { CORE_MIGRATION_VERSION, SAVED_OBJECT_TYPES, TYPE_MIGRATION_VERSIONS } from "./saved-object.ts";

/** Kibana's answer to an export of which some objects don't exist: each with its own 404. */
function missingObjects(error: ExportMissingError): object {
  const objects = error.missing.map(({ type, id }) => {
    const message = `Saved object [${type}/${id}] not found`;
    return { id, type, error: { statusCode: 404, error: "Not Found", message } };
  });
  return {
    statusCode: 400,
    error: "Bad Request",
    message: "Error fetching objects to export",
    attributes: { objects },
  };
}

const Reference = Type.Object({ name: Type.String(), type: Type.String(), id: Type.String() });
const Identity = Type.Object({ type: Type.String({ maxLength: 60 }), id: Type.String({ maxLength: 200 }) });
const Flag = Type.Boolean({ default: false });

const ImportQuery = Type.Object({ overwrite: Flag, createNewCopies: Flag, compatibilityMode: Flag });
const ExportBody = Type.Object({
  type: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  objects: Type.Optional(Type.Array(Identity, { maxItems: 10_000 })),
  includeReferencesDeep: Type.Optional(Type.Boolean()),
  excludeExportDetails: Type.Optional(Type.Boolean()),
});
const FindQuery = Type.Object({
  type: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  search: Type.Optional(Type.String({ maxLength: 200 })),
  page: Type.Integer({ minimum: 1, default: 1 }),
  per_page: Type.Integer({ minimum: 0, maximum: 10_000, default: 20 }),
  has_reference: Type.Optional(Type.String()),
});
const CreateBody = Type.Object({
  attributes: Type.Record(Type.String(), Type.Unknown()),
  references: Type.Optional(Type.Array(Reference)),
});
const UpdateBody = Type.Object({
  attributes: Type.Record(Type.String(), Type.Unknown()),
  references: Type.Optional(Type.Array(Reference)),
  version: Type.Optional(Type.String()),
  upsert: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

/** Kibana's `/api/saved_objects`: the calls that its page, its scripts and falco-bootstrap make. */
export function addObjectRoutes(app: FastifyInstance, store: ObjectStore): void {
  app.post<{ Querystring: Static<typeof ImportQuery>; Body: Buffer }>(
    "/api/saved_objects/_import",
    { schema: { querystring: ImportQuery } },
    async (request, reply) => {
      const file = await readUpload(request.body, request.headers["content-type"] ?? "");
      if (typeof file !== "string") return badRequest(reply, file.fault);
      const { overwrite, createNewCopies } = request.query;
      if (overwrite && createNewCopies) return badRequest(reply, "overwrite and createNewCopies exclude each other");
      try {
        return await importObjects(store, parseExport(file), { overwrite, createNewCopies });
      } catch (error) {
        if (error instanceof ImportFileError) return badRequest(reply, `The file is no export: ${error.message}`);
        throw error;
      }
    },
  );

  app.post<{ Body: Static<typeof ExportBody> }>(
    "/api/saved_objects/_export",
    { schema: { body: ExportBody } },
    async (request, reply) => {
      if ((request.body.type === undefined) === (request.body.objects === undefined)) {
        return badRequest(reply, "Either `type` or `objects` must be given, and not both");
      }
      try {
        const text = exportObjects(store, request.body);
        return reply
          .header("content-type", "application/ndjson")
          .header("content-disposition", 'attachment; filename="export.ndjson"')
          .send(text);
      } catch (error) {
        if (error instanceof ExportMissingError) return reply.code(400).send(missingObjects(error));
        throw error;
      }
    },
  );

  app.get<{ Querystring: Static<typeof FindQuery> }>(
    "/api/saved_objects/_find",
    { schema: { querystring: FindQuery } },
    async (request, reply) => {
      const { type, search, page, per_page, has_reference } = request.query;
      const reference = has_reference === undefined ? undefined : parseReference(has_reference);
      if (reference === null) return badRequest(reply, "has_reference must be JSON with type and id");
      const types = type === undefined ? [] : typeof type === "string" ? [type] : type;
      return findObjects(store, { types, search, page, perPage: per_page, hasReference: reference });
    },
  );

  addSingleObjectRoutes(app, store);
}

function addSingleObjectRoutes(app: FastifyInstance, store: ObjectStore): void {
  type Params = { type: string; id: string };
  const path = "/api/saved_objects/:type/:id";
  const create = async (
    type: string,
    id: string,
    overwrite: boolean,
    body: Static<typeof CreateBody>,
    reply: FastifyReply,
  ) => {
    if (!SAVED_OBJECT_TYPES.includes(type)) return badRequest(reply, `Unsupported saved object type: '${type}'`);
    if (!overwrite && store.get(type, id) !== undefined) {
      return conflict(reply, `Saved object [${type}/${id}] conflict`);
    }
    const version = TYPE_MIGRATION_VERSIONS[type];
    return store.put({
      type,
      id,
      attributes: body.attributes,
      references: body.references ?? [],
      coreMigrationVersion: CORE_MIGRATION_VERSION,
      ...(version === undefined ? {} : { typeMigrationVersion: version }),
    });
  };
  const CreateQuery = Type.Object({ overwrite: Flag });

  app.get<{ Params: Params }>(path, { schema: { params: Identity } }, async ({ params }, reply) => {
    return store.get(params.type, params.id) ?? notFound(reply, params);
  });

  app.post<{ Params: Params; Querystring: { overwrite: boolean }; Body: Static<typeof CreateBody> }>(
    path,
    { schema: { params: Identity, querystring: CreateQuery, body: CreateBody } },
    async ({ params, query, body }, reply) => create(params.type, params.id, query.overwrite, body, reply),
  );

  app.post<{ Params: { type: string }; Body: Static<typeof CreateBody> }>(
    "/api/saved_objects/:type",
    { schema: { body: CreateBody } },
    async ({ params, body }, reply) => create(params.type, randomUUID(), false, body, reply),
  );

  app.put<{ Params: Params; Body: Static<typeof UpdateBody> }>(
    path,
    { schema: { params: Identity, body: UpdateBody } },
    async ({ params, body }, reply) => {
      const before = store.get(params.type, params.id);
      if (before === undefined) {
        if (body.upsert === undefined) return notFound(reply, params);
        return create(
          params.type,
          params.id,
          true,
          { ...body, attributes: { ...body.upsert, ...body.attributes } },
          reply,
        );
      }
      const after = {
        ...before,
        attributes: { ...before.attributes, ...body.attributes },
        references: body.references ?? before.references,
      };
      try {
        return await store.put(after, { version: body.version });
      } catch (error) {
        if (error instanceof ObjectError) return conflict(reply, error.message);
        throw error;
      }
    },
  );

  app.delete<{ Params: Params }>(path, { schema: { params: Identity } }, async ({ params }, reply) => {
    if (store.get(params.type, params.id) === undefined) return notFound(reply, params);
    await store.remove(params.type, params.id);
    return {};
  });
}

async function readUpload(body: Buffer, contentType: string): Promise<string | { readonly fault: string }> {
  if (!contentType.startsWith("multipart/form-data"))
    return { fault: "expected multipart/form-data with a part named file" };
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
  } catch {
    return { fault: "the multipart body can't be read" };
  }
  const file = form.get("file");
  if (!(file instanceof File)) return { fault: "[request body.file]: expected a file" };
  if (!file.name.endsWith(".ndjson")) return { fault: `Invalid file extension ${file.name}: expected .ndjson` };
  return file.text();
}

function parseReference(text: string): { type: string; id: string } | null {
  try {
    const value = JSON.parse(text) as { type?: unknown; id?: unknown } | null;
    return typeof value?.type === "string" && typeof value.id === "string" ? { type: value.type, id: value.id } : null;
  } catch {
    return null;
  }
}

function badRequest(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(400).send({ statusCode: 400, error: "Bad Request", message });
}

function conflict(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(409).send({ statusCode: 409, error: "Conflict", message });
}

function notFound(reply: FastifyReply, { type, id }: { type: string; id: string }): FastifyReply {
  const message = `Saved object [${type}/${id}] not found`;
  return reply.code(404).send({ statusCode: 404, error: "Not Found", message });
}
