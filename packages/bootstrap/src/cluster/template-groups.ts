import type { ComponentTemplate, IndexTemplate } from "@falco-efk/elastic";
import { UserError } from "@falco-efk/kit";
import { type Answer, expectOk, type HttpClient, reasonOf } from "../http.ts";
import { compare, markOf } from "../plan/owned.ts";
import type { Item, ResourceGroup } from "../plan/resource.ts";
import { removeUnlessUsed } from "../remove-unless-used.ts";
import { normalSettings } from "./normal-settings.ts";

type Body = ComponentTemplate | IndexTemplate;

/** Component templates by name. */
export function componentTemplates(
  client: HttpClient,
  templates: Readonly<Record<string, ComponentTemplate>>,
): ResourceGroup {
  return templateGroup(client, "component template", "/_component_template", "component_template", templates);
}

/** Index templates by name. */
export function indexTemplates(client: HttpClient, templates: Readonly<Record<string, IndexTemplate>>): ResourceGroup {
  return templateGroup(client, "index template", "/_index_template", "index_template", templates);
}

function templateGroup(
  client: HttpClient,
  kind: string,
  path: string,
  key: string,
  templates: Readonly<Record<string, Body>>,
): ResourceGroup {
  const wantedOf = (name: string): Body => templates[name] as Body;
  return {
    async inspect() {
      const items: Item[] = [];
      for (const [name, body] of Object.entries(templates)) {
        const answer = await client.send("GET", `${path}/${name}`);
        items.push(compare(kind, name, normalTemplate(body), found(client, answer, kind, key)));
      }
      return items;
    },
    async write(items) {
      for (const { name } of items) {
        const body = wantedOf(name);
        const answer = await client.send("PUT", `${path}/${name}`, {
          body: { ...body, _meta: markOf(normalTemplate(body)) },
        });
        if (answer.status === 400 && /same priority/.test(reasonOf(answer))) throw conflict(name, body, answer);
        expectOk(client, answer, `take the ${kind} ${name}`);
      }
    },
    remove: (items) => removeUnlessUsed(client, kind, items, (name) => `${path}/${name}`),
  };
}

function found(
  client: HttpClient,
  answer: Answer,
  kind: string,
  key: string,
): { content: unknown; mark: unknown } | null {
  if (answer.status === 404) return null;
  const body = expectOk(client, answer, `show the ${kind}`) as Record<string, readonly Record<string, unknown>[]>;
  const template = body[`${key}s`]?.[0]?.[key] as (Body & { _meta?: unknown }) | undefined;
  return template === undefined ? null : { content: normalTemplate(template), mark: template._meta };
}

/** A template as the server gives it back: settings in one spelling, no metadata, nothing empty. */
function normalTemplate(body: Body): unknown {
  const { _meta, ...rest } = body as Body & { _meta?: unknown };
  const { settings, mappings, aliases } = rest.template ?? {};
  const template = {
    ...(settings === undefined ? {} : { settings: normalSettings(settings) }),
    ...(mappings === undefined ? {} : { mappings }),
    ...(aliases === undefined || Object.keys(aliases).length === 0 ? {} : { aliases }),
  };
  const stream = "data_stream" in rest ? { data_stream: rest.data_stream === undefined ? undefined : {} } : {};
  const known = rest as IndexTemplate & { ignore_missing_component_templates?: readonly string[] };
  return {
    ...(known.index_patterns === undefined ? {} : { index_patterns: [known.index_patterns].flat() }),
    ...(known.composed_of === undefined ? {} : { composed_of: known.composed_of }),
    ...(known.ignore_missing_component_templates === undefined
      ? {}
      : { ignore_missing_component_templates: known.ignore_missing_component_templates }),
    ...(known.priority === undefined ? {} : { priority: known.priority }),
    ...stream,
    ...(Object.keys(template).length === 0 ? {} : { template }),
  };
}

function conflict(name: string, body: Body, answer: Answer): UserError {
  const others = /existing templates \[([^\]]*)\]/.exec(reasonOf(answer))?.[1];
  const { priority, index_patterns: patterns } = body as IndexTemplate;
  return new UserError(
    `the index template ${name} has the same priority (${priority}) and pattern (${String(patterns)}) as ${others ?? "another"}`,
    {
      code: "TEMPLATE_CONFLICT",
      hint: "choose another with --template-priority, higher than the other's to win over it",
    },
  );
}
