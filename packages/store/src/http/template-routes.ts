import type { ComponentTemplate, IndexTemplate } from "@falco-efk/elastic";
import type { FastifyInstance } from "fastify";
import { ElasticError, illegalArgument } from "../errors.ts";
import { flattenSettings } from "../indices/templates.ts";
import { IndexMapping } from "../mapping/index-mapping.ts";
import { wildcardPattern } from "../text/wildcard.ts";
import type { HttpContext } from "./context.ts";
import { Params } from "./params.ts";
import { answer } from "./respond.ts";

const ACKNOWLEDGED = { acknowledged: true };
const KEYS = {
  index: [
    "index_patterns",
    "template",
    "composed_of",
    "priority",
    "version",
    "_meta",
    "data_stream",
    "allow_auto_create",
    "ignore_missing_component_templates",
    "deprecated",
  ],
  component: ["template", "version", "_meta", "deprecated"],
};

/** `_index_template` and `_component_template`. */
export function templateRoutes(app: FastifyInstance, context: HttpContext): void {
  const { catalog } = context;
  for (const kind of ["index", "component"] as const) {
    const base = `/_${kind}_template`;
    const list = `${kind}_templates`;
    const stored = catalog.templates[kind] as Map<string, IndexTemplate | ComponentTemplate>;

    app.route({
      method: ["PUT", "POST"],
      url: `${base}/:name`,
      handler: async (request, reply) => {
        const params = new Params(request);
        const name = params.part("name");
        const body = params.requiredJson() as unknown as IndexTemplate & ComponentTemplate;
        checkTemplate(kind, name, body);
        if (params.flag("create") === true && stored.has(name)) {
          throw illegalArgument(`${kind} template [${name}] already exists`);
        }
        if (kind === "index") {
          catalog.templates.putIndex(name, body);
        } else {
          stored.set(name, body);
        }
        catalog.saveTemplates();
        return answer(request, reply, ACKNOWLEDGED);
      },
    });

    for (const url of [base, `${base}/:name`]) {
      app.route({
        method: ["GET", "HEAD"],
        url,
        handler: async (request, reply) => {
          const name = new Params(request).part("name");
          const names = matchingNames(stored, name === "" ? "*" : name);
          if (names.length === 0 && name !== "" && !name.includes("*")) {
            throw missing(kind, name);
          }
          const found = names.map((one) => ({
            name: one,
            [`${kind}_template`]: printTemplate(stored.get(one) as IndexTemplate),
          }));
          return answer(request, reply, { [list]: found });
        },
      });
    }

    app.delete(`${base}/:name`, async (request, reply) => {
      const name = new Params(request).part("name");
      const names = matchingNames(stored, name);
      if (names.length === 0) {
        throw missing(kind, name);
      }
      if (kind === "component") {
        refuseUsed(names, catalog.templates.index);
      }
      for (const one of names) {
        stored.delete(one);
      }
      catalog.saveTemplates();
      return answer(request, reply, ACKNOWLEDGED);
    });
  }

  app.post("/_index_template/_simulate_index/:name", async (request, reply) => {
    const { settings, mappings, aliases } = catalog.templates.resolve(new Params(request).part("name"));
    return answer(request, reply, { template: { settings, mappings, aliases }, overlapping: [] });
  });
}

function checkTemplate(kind: "index" | "component", name: string, body: IndexTemplate & ComponentTemplate): void {
  for (const key of Object.keys(body)) {
    if (!KEYS[kind].includes(key)) {
      throw new ElasticError(400, "x_content_parse_exception", `[${kind}_template] unknown field [${key}]`);
    }
  }
  if (kind === "component" && body.template === undefined) {
    throw new ElasticError(400, "x_content_parse_exception", "[component_template] Required [template]");
  }
  try {
    new IndexMapping(body.template?.mappings ?? {});
  } catch (error) {
    const cause = error instanceof ElasticError ? error.toCause() : undefined;
    throw illegalArgumentCausedBy(`composable template [${name}] template after composition is invalid`, cause);
  }
}

function illegalArgumentCausedBy(reason: string, cause: unknown): ElasticError {
  return new ElasticError(400, "illegal_argument_exception", reason, cause === undefined ? {} : { caused_by: cause });
}

function printTemplate(template: IndexTemplate): Record<string, unknown> {
  const body = template.template;
  const patterns = template.index_patterns;
  return {
    ...template,
    ...(patterns === undefined ? {} : { index_patterns: typeof patterns === "string" ? [patterns] : patterns }),
    ...(template.index_patterns === undefined ? {} : { composed_of: template.composed_of ?? [] }),
    ...(body === undefined
      ? {}
      : { template: { ...body, ...(body.settings ? { settings: printSettings(body.settings) } : {}) } }),
  };
}

function printSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flattenSettings(settings))) {
    let at = nested;
    const parts = key.split(".");
    for (const part of parts.slice(0, -1)) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[parts.at(-1) ?? key] = value;
  }
  return nested;
}

function matchingNames(stored: ReadonlyMap<string, unknown>, pattern: string): string[] {
  const tests = pattern.split(",").map((one) => wildcardPattern(one).matches);
  return [...stored.keys()].filter((name) => tests.some((test) => test(name))).sort();
}

function missing(kind: string, name: string): ElasticError {
  return new ElasticError(404, "resource_not_found_exception", `${kind} template matching [${name}] not found`);
}

function refuseUsed(names: readonly string[], templates: ReadonlyMap<string, IndexTemplate>): void {
  const users = [...templates].filter(([, template]) => template.composed_of?.some((part) => names.includes(part)));
  if (users.length > 0) {
    throw illegalArgument(
      `component templates [${names.join(", ")}] cannot be removed as they are still in use by index templates [${users.map(([name]) => name).join(", ")}]`,
    );
  }
}
