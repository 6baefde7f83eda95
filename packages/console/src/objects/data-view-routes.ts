import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import { fromIndexPattern, toIndexPattern } from "./data-view.ts";
import type { ObjectStore } from "./object-store.ts";

const View = Type.Object({
  id: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  title: Type.String({ minLength: 1, maxLength: 1000 }),
  name: Type.Optional(Type.String({ maxLength: 1000 })),
  timeFieldName: Type.Optional(Type.String({ maxLength: 1000 })),
  allowNoIndex: Type.Optional(Type.Boolean()),
});
const CreateBody = Type.Object({
  data_view: View,
  override: Type.Optional(Type.Boolean()),
});
const UpdateBody = Type.Object({ data_view: Type.Partial(View) });
const DefaultBody = Type.Object({
  data_view_id: Type.Union([Type.String(), Type.Null()]),
  force: Type.Optional(Type.Boolean()),
});

/** Kibana's `/api/data_views`. */
export function addDataViewRoutes(app: FastifyInstance, store: ObjectStore): void {
  const type = "index-pattern";
  const missing = (id: string) => ({
    statusCode: 404,
    error: "Not Found",
    message: `Saved object [index-pattern/${id}] not found`,
  });

  app.get("/api/data_views", async () => ({
    data_view: store
      .all()
      .filter((object) => object.type === type)
      .map((object) => {
        const { id, title, name, timeFieldName } = fromIndexPattern(object);
        return { id, namespaces: ["default"], title, name, timeFieldName };
      }),
  }));

  app.post<{ Body: Static<typeof CreateBody> }>(
    "/api/data_views/data_view",
    { schema: { body: CreateBody } },
    async ({ body }, reply) => {
      const { id, title } = body.data_view;
      const twin = store
        .all()
        .find(
          (object) =>
            object.type === type && (object.id === id || (id === undefined && object.attributes.title === title)),
        );
      if (twin !== undefined && body.override !== true) {
        const message = `Duplicate data view: ${title}`;
        return reply.code(400).send({ statusCode: 400, error: "Bad Request", message });
      }
      const stored = await store.put(toIndexPattern({ ...body.data_view, id: id ?? twin?.id ?? crypto.randomUUID() }));
      if (store.defaultDataView() === null) await store.setDefaultDataView(stored.id);
      return { data_view: fromIndexPattern(stored) };
    },
  );

  app.get<{ Params: { id: string } }>("/api/data_views/data_view/:id", async ({ params }, reply) => {
    const object = store.get(type, params.id);
    return object === undefined ? reply.code(404).send(missing(params.id)) : { data_view: fromIndexPattern(object) };
  });

  app.post<{ Params: { id: string }; Body: Static<typeof UpdateBody> }>(
    "/api/data_views/data_view/:id",
    { schema: { body: UpdateBody } },
    async ({ params, body }, reply) => {
      const before = store.get(type, params.id);
      if (before === undefined) return reply.code(404).send(missing(params.id));
      const { id: _id, ...changes } = body.data_view;
      const stored = await store.put({ ...before, attributes: { ...before.attributes, ...changes } });
      return { data_view: fromIndexPattern(stored) };
    },
  );

  app.delete<{ Params: { id: string } }>("/api/data_views/data_view/:id", async ({ params }, reply) => {
    if (store.get(type, params.id) === undefined) return reply.code(404).send(missing(params.id));
    await store.remove(type, params.id);
    if (store.defaultDataView() === params.id) await store.setDefaultDataView(null);
    return {};
  });

  app.get("/api/data_views/default", async () => ({ data_view_id: store.defaultDataView() ?? "" }));

  app.post<{ Body: Static<typeof DefaultBody> }>(
    "/api/data_views/default",
    { schema: { body: DefaultBody } },
    async ({ body }) => {
      if (store.defaultDataView() === null || body.force === true) await store.setDefaultDataView(body.data_view_id);
      return { acknowledged: true };
    },
  );
}
