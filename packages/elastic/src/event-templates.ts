import { eventMappings } from "./event-mappings.ts";
import type { ComponentTemplate, IndexTemplate } from "./template.ts";

/** Who answers Elasticsearch's API. */
export type ServerFlavour = "elasticsearch" | "opensearch" | "store";

/** What the templates depend on. */
export interface TemplateTarget {
  readonly flavour: ServerFlavour;
  readonly version: string;
  /** Who deletes old indices: `ilm`, `ism` (OpenSearch) or nobody. */
  readonly lifecycle: "ilm" | "ism" | null;
}

/** Names of what is installed in the cluster. */
export const EVENT_NAMES = {
  settings: "falco-efk-settings",
  mappings: "falco-efk-mappings",
  custom: "falco-efk-custom",
  dayIndices: "falco-efk-logstash",
  dataStream: "falco-efk-events",
  objects: "falco-efk-saved-objects",
  dayLifecycle: "falco-efk-logstash",
  streamLifecycle: "falco-efk-events",
} as const;

/** What a user may choose about them. */
export interface TemplateOptions {
  /** Logstash installs its own template for `logstash-*` with priority 200; equal priorities are refused. */
  readonly priority: number;
  readonly shards: number;
  /** Install the data stream's template too. */
  readonly dataStream: boolean;
}

/** Settings of every index of events. */
export function settingsTemplate(cluster: TemplateTarget, options: TemplateOptions): ComponentTemplate {
  const mapping =
    cluster.flavour === "elasticsearch" && atLeast(cluster.version, 8, 14)
      ? // Labels of a thousand containers don't stop an event: further fields stay in _source only.
        { total_fields: { limit: "1000", ignore_dynamic_beyond_limit: "true" } }
      : { total_fields: { limit: "1000" } };
  return {
    template: {
      settings: {
        index: {
          number_of_shards: String(options.shards),
          // One copy where there is a second node, none (and a green index) where there isn't.
          auto_expand_replicas: "0-1",
          refresh_interval: "1s",
          codec: "best_compression",
          mapping,
        },
      },
    },
  };
}

/** Mappings of every index of events. */
export function mappingsTemplate(cluster: TemplateTarget): ComponentTemplate {
  return { template: { mappings: eventMappings(cluster.flavour) } };
}

/** Day indices `logstash-YYYY.MM.DD`. */
export function dayTemplate(cluster: TemplateTarget, options: TemplateOptions): IndexTemplate {
  return {
    index_patterns: ["logstash-*"],
    ...common(cluster, options, cluster.lifecycle === "ilm" ? EVENT_NAMES.dayLifecycle : null),
  };
}

/** The data stream `falco-events`, whose name is outside `logstash-*`. */
export function streamTemplate(cluster: TemplateTarget, options: TemplateOptions): IndexTemplate {
  const lifecycle = cluster.lifecycle === "ilm" ? EVENT_NAMES.streamLifecycle : null;
  return { index_patterns: ["falco-events*"], data_stream: {}, ...common(cluster, options, lifecycle) };
}

function common(
  cluster: TemplateTarget,
  options: TemplateOptions,
  lifecycle: string | null,
): Omit<IndexTemplate, "index_patterns"> {
  // A user's own settings and mappings go into falco-efk-custom, which we never write.
  const custom =
    cluster.flavour === "elasticsearch" && atLeast(cluster.version, 8, 7)
      ? {
          composed_of: [EVENT_NAMES.settings, EVENT_NAMES.mappings, EVENT_NAMES.custom],
          ignore_missing_component_templates: [EVENT_NAMES.custom],
        }
      : { composed_of: [EVENT_NAMES.settings, EVENT_NAMES.mappings] };
  return {
    priority: options.priority,
    ...custom,
    ...(lifecycle === null ? {} : { template: { settings: { index: { lifecycle: { name: lifecycle } } } } }),
  };
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}
