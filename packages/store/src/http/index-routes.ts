import type { Mappings, TemplateBody } from "@falco-efk/elastic";
import type { FastifyInstance } from "fastify";
import { ElasticError, illegalArgument, indexNotFound } from "../errors.ts";
import { resolveIndices } from "../indices/resolve-indices.ts";
import type { StoredIndex } from "../indices/stored-index.ts";
import { flattenSettings } from "../indices/templates.ts";
import { type HttpContext, resolveOptions } from "./context.ts";
import { fieldCaps } from "./field-caps.ts";
import { Params } from "./params.ts";
import { answer } from "./respond.ts";

const ACKNOWLEDGED = { acknowledged: true };

/** Indices, mappings, settings, aliases, `_field_caps`, `_refresh` and their like. */
export function indexRoutes(app: FastifyInstance, context: HttpContext): void {
  const { catalog } = context;
  const named = (params: Params): StoredIndex[] =>
    resolveIndices(catalog, params.part("index"), resolveOptions(params));

  app.put("/:index", async (request, reply) => {
    const params = new Params(request);
    const body = params.json();
    for (const key of Object.keys(body)) {
      if (!["settings", "mappings", "aliases"].includes(key)) {
        throw new ElasticError(400, "parse_exception", `unknown key [${key}] for create index`);
      }
    }
    const index = catalog.create(params.part("index"), body as TemplateBody);
    return answer(request, reply, { ...ACKNOWLEDGED, shards_acknowledged: true, index: index.name });
  });

  app.delete("/:index", async (request, reply) => {
    const params = new Params(request);
    const expression = params.part("index");
    for (const part of expression.split(",")) {
      if (!catalog.indices.has(part) && catalog.aliasTargets(part).length > 0) {
        throw illegalArgument(
          `The provided expression [${part}] matches an alias, specify the corresponding concrete indices instead.`,
        );
      }
      if (part === "_all" || part === "*") {
        throw illegalArgument("Wildcard expressions or all indices are not allowed");
      }
    }
    for (const index of named(params)) {
      catalog.remove(index);
    }
    return answer(request, reply, ACKNOWLEDGED);
  });

  app.route({
    method: ["GET", "HEAD"],
    url: "/:index",
    handler: async (request, reply) => {
      const params = new Params(request);
      const indices = named(params);
      if (request.method === "HEAD" && indices.length === 0) {
        throw indexNotFound(params.part("index"));
      }
      const all = indices.map((index) => [
        index.name,
        { aliases: index.aliases, mappings: index.mapping.toJson(), settings: settingsOf(index) },
      ]);
      return answer(request, reply, Object.fromEntries(all));
    },
  });

  for (const url of ["/_mapping", "/:index/_mapping", "/:index/_mappings"]) {
    app.get(url, async (request, reply) => {
      const all = named(new Params(request)).map((index) => [index.name, { mappings: index.mapping.toJson() }]);
      return answer(request, reply, Object.fromEntries(all));
    });
  }
  app.route({
    method: ["PUT", "POST"],
    url: "/:index/_mapping",
    handler: async (request, reply) => {
      const params = new Params(request);
      const mappings = params.requiredJson() as Mappings;
      for (const index of named(params)) {
        index.mapping.merge(mappings);
        index.saveManifest();
      }
      return answer(request, reply, ACKNOWLEDGED);
    },
  });

  for (const url of ["/_settings", "/:index/_settings"]) {
    app.get(url, async (request, reply) => {
      const all = named(new Params(request)).map((index) => [index.name, { settings: settingsOf(index) }]);
      return answer(request, reply, Object.fromEntries(all));
    });
  }
  app.put("/:index/_settings", async (request, reply) => {
    const params = new Params(request);
    const settings = flattenSettings(params.requiredJson());
    for (const index of named(params)) {
      Object.assign(index.settings, settings);
      index.saveManifest();
    }
    return answer(request, reply, ACKNOWLEDGED);
  });

  for (const url of ["/_field_caps", "/:index/_field_caps"]) {
    app.route({
      method: ["GET", "POST"],
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        const fields = params.text("fields") ?? params.json().fields;
        if (fields === undefined) {
          throw new ElasticError(
            400,
            "action_request_validation_exception",
            "Validation Failed: 1: no fields specified;",
          );
        }
        const patterns = Array.isArray(fields) ? fields.map(String) : String(fields).split(",");
        return answer(request, reply, fieldCaps(named(params), patterns));
      },
    });
  }

  for (const url of ["/_refresh", "/:index/_refresh", "/_flush", "/:index/_flush", "/:index/_forcemerge"]) {
    app.route({
      method: ["GET", "POST"],
      url,
      handler: async (request, reply) => {
        const total = named(new Params(request)).length;
        return answer(request, reply, { _shards: { total, successful: total, failed: 0 } });
      },
    });
  }

  aliasRoutes(app, context, named);

  app.get("/_resolve/index/:index", async (request, reply) => {
    const indices = named(new Params(request));
    const aliases = new Map<string, string[]>();
    for (const index of indices) {
      for (const alias of Object.keys(index.aliases)) {
        aliases.set(alias, [...(aliases.get(alias) ?? []), index.name]);
      }
    }
    return answer(request, reply, {
      indices: indices.map((index) => ({ name: index.name, attributes: ["open"] })),
      aliases: [...aliases].map(([name, list]) => ({ name, indices: list })),
      data_streams: [],
    });
  });
}

function aliasRoutes(app: FastifyInstance, context: HttpContext, named: (params: Params) => StoredIndex[]): void {
  const { catalog } = context;
  app.post("/_aliases", async (request, reply) => {
    const { actions } = new Params(request).requiredJson();
    for (const action of (actions as Record<string, Record<string, unknown>>[]) ?? []) {
      const [[kind, options] = ["", {}]] = Object.entries(action);
      const { index, indices, alias, aliases, ...rest } = options as Record<string, unknown>;
      const targets = resolveIndices(catalog, [index ?? indices].flat().join(","));
      for (const target of targets) {
        for (const name of [alias ?? aliases].flat().map(String)) {
          changeAlias(target, kind, name, rest);
        }
        if (kind === "remove_index") {
          catalog.remove(target);
        } else {
          target.saveManifest();
        }
      }
    }
    return answer(request, reply, ACKNOWLEDGED);
  });
  app.route({
    method: ["PUT", "POST"],
    url: "/:index/_alias/:alias",
    handler: async (request, reply) => {
      const params = new Params(request);
      for (const index of named(params)) {
        changeAlias(index, "add", params.part("alias"), params.json());
        index.saveManifest();
      }
      return answer(request, reply, ACKNOWLEDGED);
    },
  });
  app.delete("/:index/_alias/:alias", async (request, reply) => {
    const params = new Params(request);
    for (const index of named(params)) {
      changeAlias(index, "remove", params.part("alias"), {});
      index.saveManifest();
    }
    return answer(request, reply, ACKNOWLEDGED);
  });
  for (const url of ["/_alias", "/:index/_alias", "/_alias/:alias", "/:index/_alias/:alias"]) {
    app.route({
      method: ["GET", "HEAD"],
      url,
      handler: async (request, reply) => {
        const params = new Params(request);
        const alias = params.part("alias");
        const found = named(params).filter((index) => alias === "" || index.aliases[alias] !== undefined);
        if (alias !== "" && found.length === 0) {
          return answer(request, reply, { error: `alias [${alias}] missing`, status: 404 }, 404);
        }
        const all = found.map((index) => [
          index.name,
          { aliases: alias === "" ? index.aliases : { [alias]: index.aliases[alias] } },
        ]);
        return answer(request, reply, Object.fromEntries(all));
      },
    });
  }
}

function changeAlias(index: StoredIndex, kind: string, name: string, options: Record<string, unknown>): void {
  if (options.filter !== undefined) {
    throw illegalArgument("an alias with a [filter] is not supported by the embedded store");
  }
  switch (kind) {
    case "add":
      index.aliases[name] = options;
      return;
    case "remove":
      if (index.aliases[name] === undefined) {
        throw new ElasticError(404, "aliases_not_found_exception", `aliases [${name}] missing`);
      }
      delete index.aliases[name];
      return;
    case "remove_index":
      return;
    default:
      throw illegalArgument(`[aliases] unknown field [${kind}]`);
  }
}

function settingsOf(index: StoredIndex): Record<string, unknown> {
  const own = Object.fromEntries(
    Object.entries(index.settings).map(([key, value]) => [key.replace(/^index\./, ""), value]),
  );
  return {
    index: {
      number_of_shards: "1",
      number_of_replicas: "0",
      ...own,
      provided_name: index.name,
      uuid: index.uuid,
      creation_date: String(index.created),
      version: { created: "8525000" },
    },
  };
}
