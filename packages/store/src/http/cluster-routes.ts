import type { FastifyInstance } from "fastify";
import { ElasticError, illegalArgument } from "../errors.ts";
import { resolveIndices } from "../indices/resolve-indices.ts";
import { tokenize } from "../text/tokenize.ts";
import { durationMs } from "../values/rounding.ts";
import { type HttpContext, VERSION } from "./context.ts";
import { Params } from "./params.ts";
import { answer } from "./respond.ts";

/** `/`, `_cluster`, `_nodes`, `_license`, `_stats`, `_security`: what clients ask before and beside their work. */
export function clusterRoutes(app: FastifyInstance, context: HttpContext): void {
  const { catalog, clusterName, nodeName } = context;
  const uuid = "falco-efk-embedded-str";

  app.route({
    method: ["GET", "HEAD"],
    url: "/",
    handler: async (request, reply) =>
      answer(request, reply, {
        name: nodeName,
        cluster_name: clusterName,
        cluster_uuid: uuid,
        version: {
          number: VERSION,
          build_flavor: "falco-efk",
          build_type: "falco-efk",
          build_hash: "0000000000000000000000000000000000000000",
          build_date: "1970-01-01T00:00:00.000Z",
          build_snapshot: false,
          lucene_version: "9.12.2",
          minimum_wire_compatibility_version: "7.17.0",
          minimum_index_compatibility_version: "7.0.0",
        },
        tagline: "You Know, for Search",
      }),
  });

  for (const url of ["/_cluster/health", "/_cluster/health/:index"]) {
    app.get(url, async (request, reply) => {
      const shards = resolveIndices(catalog, new Params(request).part("index"), { ignoreUnavailable: true }).length;
      return answer(request, reply, {
        cluster_name: clusterName,
        status: "green",
        timed_out: false,
        number_of_nodes: 1,
        number_of_data_nodes: 1,
        active_primary_shards: shards,
        active_shards: shards,
        relocating_shards: 0,
        initializing_shards: 0,
        unassigned_shards: 0,
        unassigned_primary_shards: 0,
        delayed_unassigned_shards: 0,
        number_of_pending_tasks: 0,
        number_of_in_flight_fetch: 0,
        task_max_waiting_in_queue_millis: 0,
        active_shards_percent_as_number: 100,
      });
    });
  }

  for (const url of ["/_nodes/stats", "/_nodes/stats/:metric"]) {
    app.get(url, async (request, reply) => {
      const memory = process.memoryUsage();
      const documents = [...catalog.indices.values()].reduce((sum, index) => sum + index.documents, 0);
      const bytes = [...catalog.indices.values()].reduce((sum, index) => sum + index.bytes, 0);
      const stats = {
        name: nodeName,
        timestamp: context.now(),
        indices: { docs: { count: documents }, store: { size_in_bytes: bytes } },
        process: {
          cpu: { total_in_millis: Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1000) },
          mem: { resident_in_bytes: memory.rss },
        },
        // Elasticsearch's name for the memory of the language's own heap.
        jvm: { mem: { heap_used_in_bytes: memory.heapUsed, heap_committed_in_bytes: memory.heapTotal } },
        store: { cache_in_bytes: catalog.cache.bytes, buffers_in_bytes: memory.external },
      };
      return answer(request, reply, {
        _nodes: { total: 1, successful: 1, failed: 0 },
        cluster_name: clusterName,
        nodes: { [uuid]: stats },
      });
    });
  }

  const node = {
    name: nodeName,
    version: VERSION,
    host: "127.0.0.1",
    ip: "127.0.0.1",
    roles: ["data", "ingest", "master"],
  };
  for (const url of ["/_nodes", "/_nodes/:filter", "/_nodes/:filter/:metric"]) {
    app.get(url, async (request, reply) =>
      answer(request, reply, {
        _nodes: { total: 1, successful: 1, failed: 0 },
        cluster_name: clusterName,
        nodes: { [uuid]: node },
      }),
    );
  }
  app.get("/_cluster/settings", async (request, reply) => answer(request, reply, { persistent: {}, transient: {} }));
  app.get("/_license", async (request, reply) =>
    answer(request, reply, {
      license: {
        status: "active",
        uid: uuid,
        type: "basic",
        issue_date_in_millis: 0,
        issued_to: clusterName,
        issuer: "falco-efk",
      },
    }),
  );
  app.get("/_xpack", async (request, reply) =>
    answer(request, reply, { build: {}, license: { type: "basic" }, features: {} }),
  );

  for (const url of ["/_stats", "/:index/_stats", "/:index/_stats/:metric"]) {
    app.get(url, async (request, reply) => {
      const stats = resolveIndices(catalog, new Params(request).part("index")).map((index) => {
        const deleted = index.segments.reduce((sum, segment) => sum + segment.deletedCount, 0);
        const own = { docs: { count: index.documents, deleted }, store: { size_in_bytes: index.bytes } };
        return [index.name, { uuid: index.uuid, primaries: own, total: own }] as const;
      });
      const sum = (pick: (one: (typeof stats)[number][1]["total"]) => number): number =>
        stats.reduce((total, [, one]) => total + pick(one.total), 0);
      const all = {
        docs: { count: sum((one) => one.docs.count), deleted: sum((one) => one.docs.deleted) },
        store: { size_in_bytes: sum((one) => one.store.size_in_bytes) },
      };
      return answer(request, reply, {
        _shards: { total: stats.length, successful: stats.length, failed: 0 },
        _all: { primaries: all, total: all },
        indices: Object.fromEntries(stats),
      });
    });
  }

  for (const url of ["/_analyze", "/:index/_analyze"]) {
    app.route({
      method: ["GET", "POST"],
      url,
      handler: async (request, reply) => {
        const { text, analyzer } = new Params(request).requiredJson();
        if (analyzer !== undefined && analyzer !== "standard") {
          throw illegalArgument(`failed to find global analyzer [${analyzer}]: the embedded store has [standard] only`);
        }
        const tokens = [text].flat().flatMap((one) => tokenize(String(one)));
        return answer(request, reply, { tokens: tokens.map((token, position) => ({ token, position })) });
      },
    });
  }

  securityRoutes(app, context);
}

function securityRoutes(app: FastifyInstance, context: HttpContext): void {
  const { guard } = context;
  app.get("/_security/_authenticate", async (request, reply) =>
    answer(request, reply, { username: guard.check(request.headers), roles: ["superuser"], enabled: true }),
  );
  app.route({
    method: ["POST", "PUT"],
    url: "/_security/api_key",
    handler: async (request, reply) => {
      const body = new Params(request).requiredJson();
      if (typeof body.name !== "string" || body.name === "") {
        throw new ElasticError(
          400,
          "action_request_validation_exception",
          "Validation Failed: 1: api key name is required;",
        );
      }
      const lifetime = body.expiration === undefined ? null : durationMs(String(body.expiration), "expiration");
      const { id, name, secret, expiration } = guard.createKey(body.name, lifetime);
      const encoded = Buffer.from(`${id}:${secret}`).toString("base64");
      return answer(request, reply, {
        id,
        name,
        ...(expiration === null ? {} : { expiration }),
        api_key: secret,
        encoded,
      });
    },
  });
  app.get("/_security/api_key", async (request, reply) => {
    const keys = guard.keys.map(({ hash: _hash, ...key }) => ({ ...key, invalidated: false }));
    return answer(request, reply, { api_keys: keys });
  });
  app.delete("/_security/api_key", async (request, reply) => {
    const { ids, id, name } = new Params(request).requiredJson();
    const wanted = [ids ?? id ?? []].flat().map(String);
    const gone = guard.removeKeys((key) => wanted.includes(key.id) || key.name === name);
    return answer(request, reply, { invalidated_api_keys: gone, previously_invalidated_api_keys: [], error_count: 0 });
  });
}
