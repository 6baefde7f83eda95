import type { ComponentTemplate, IndexTemplate, Mappings, TemplateBody } from "@falco-efk/elastic";
import { ElasticError, illegalArgument } from "../errors.ts";
import { wildcardPattern } from "../text/wildcard.ts";

/** Whether an index name fits one of the patterns. */
export function matchesAny(patterns: string | readonly string[], name: string): boolean {
  const list = typeof patterns === "string" ? [patterns] : patterns;
  return list.some((pattern) => wildcardPattern(pattern).matches(name));
}

/** Index and component templates, by name. */
export class Templates {
  readonly index: Map<string, IndexTemplate>;
  readonly component: Map<string, ComponentTemplate>;

  constructor(index: Iterable<[string, IndexTemplate]> = [], component: Iterable<[string, ComponentTemplate]> = []) {
    this.index = new Map(index);
    this.component = new Map(component);
  }

  /** Checks and keeps an index template. */
  putIndex(name: string, template: IndexTemplate): void {
    const patterns = template.index_patterns;
    if (patterns === undefined || patterns.length === 0) {
      throw new ElasticError(400, "x_content_parse_exception", "[index_template] Required [index_patterns]");
    }
    const missing = (template.composed_of ?? []).filter(
      (part) => !this.component.has(part) && !asList(template.ignore_missing_component_templates).includes(part),
    );
    if (missing.length > 0) {
      throw new ElasticError(
        400,
        "invalid_index_template_exception",
        `index_template [${name}] invalid, cause [index template [${name}] specifies component templates [${missing.join(", ")}] that do not exist]`,
      );
    }
    if (template.data_stream) {
      throw illegalArgument("data streams are not supported by the embedded store: leave out [data_stream]");
    }
    for (const [other, { index_patterns, priority }] of this.index) {
      const same = (priority ?? 0) === (template.priority ?? 0) && other !== name;
      if (same && asList(index_patterns).some((pattern) => asList(patterns).includes(pattern))) {
        throw illegalArgument(
          `index template [${name}] has index patterns ${JSON.stringify(patterns)} matching patterns from existing templates [${other}] with patterns (${other} => ${JSON.stringify(index_patterns)}) that have the same priority [${priority ?? 0}], multiple index templates may not match during index creation, please use a different priority`,
        );
      }
    }
    this.index.set(name, template);
  }

  /** What the templates give a new index: the parts in order, then the template itself. */
  resolve(name: string): { settings: Record<string, unknown>; mappings: Mappings; aliases: Record<string, unknown> } {
    let best: IndexTemplate | null = null;
    for (const template of this.index.values()) {
      if (matchesAny(template.index_patterns, name) && (!best || (template.priority ?? 0) > (best.priority ?? 0))) {
        best = template;
      }
    }
    const bodies: TemplateBody[] = (best?.composed_of ?? []).map((part) => this.component.get(part)?.template ?? {});
    bodies.push(best?.template ?? {});
    return mergeBodies(bodies);
  }
}

/** Merges template bodies; later ones win. */
export function mergeBodies(bodies: readonly TemplateBody[]): {
  settings: Record<string, unknown>;
  mappings: Mappings;
  aliases: Record<string, unknown>;
} {
  const settings: Record<string, unknown> = {};
  let mappings: Record<string, unknown> = {};
  const aliases: Record<string, unknown> = {};
  for (const body of bodies) {
    Object.assign(settings, flattenSettings(body.settings ?? {}));
    // A later template's dynamic templates are asked before the earlier ones'.
    const dynamic = [...(body.mappings?.dynamic_templates ?? []), ...asList(mappings.dynamic_templates)];
    mappings = deepMerge(mappings, (body.mappings ?? {}) as Record<string, unknown>);
    if (dynamic.length > 0) {
      mappings.dynamic_templates = dynamic;
    }
    Object.assign(aliases, body.aliases);
  }
  return { settings, mappings, aliases };
}

/** Settings as flat keys that start with `index.`. */
export function flattenSettings(settings: Readonly<Record<string, unknown>>, prefix = ""): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      Object.assign(flat, flattenSettings(value as Record<string, unknown>, path));
    } else {
      flat[path.startsWith("index.") ? path : `index.${path}`] = typeof value === "object" ? value : String(value);
    }
  }
  return flat;
}

function deepMerge(into: Record<string, unknown>, from: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? deepMerge(old, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asList(value: unknown): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as string];
}
