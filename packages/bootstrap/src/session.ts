import { apiKeys } from "./cluster/api-key-group.ts";
import { type Cluster, clusterMissing, inspectCluster, waitFor } from "./cluster/inspect-cluster.ts";
import { lifecyclePolicies } from "./cluster/lifecycle-group.ts";
import { roles } from "./cluster/role-group.ts";
import { componentTemplates, indexTemplates } from "./cluster/template-groups.ts";
import { thresholdWatch } from "./cluster/watch-group.ts";
import { elasticsearchEndpoint, kibanaEndpoint } from "./endpoint.ts";
import { connect, type HttpClient } from "./http.ts";
import { checkSavedObjects } from "./kibana/check-objects.ts";
import { toDashboardsForm } from "./kibana/dashboards-form.ts";
import { defaultDataView } from "./kibana/default-data-view.ts";
import { inspectKibana, type KibanaServer, kibanaMissing } from "./kibana/inspect-kibana.ts";
import { savedObjects } from "./kibana/object-group.ts";
import { readSavedObjects } from "./kibana/saved-object.ts";
import { thresholdRule } from "./kibana/threshold-rule.ts";
import type { FullOptions } from "./options.ts";
import type { ResourceGroup } from "./plan/resource.ts";
import { dayTemplate, mappingsTemplate, NAMES, settingsTemplate, streamTemplate } from "./templates/event-templates.ts";

/** Both servers, found and looked at, with all that we would install there. Close it. */
export interface Session {
  readonly cluster: Cluster;
  readonly kibana: KibanaServer | null;
  readonly kibanaClient: HttpClient | null;
  /** In the order in which they are installed. */
  readonly groups: readonly ResourceGroup[];
  close(): Promise<void>;
}

/** Waits for the servers, finds out what they are and prepares the groups. Nothing is changed yet. */
export async function openSession(options: FullOptions): Promise<Session> {
  const sources = readSavedObjects(options.objects);
  checkSavedObjects(sources);
  const clusterClient = connect(elasticsearchEndpoint(options));
  const kibanaClient = options.kibana === null ? null : connect(kibanaEndpoint(options, options.kibana));
  const close = async (): Promise<void> => {
    await Promise.all([clusterClient.close(), kibanaClient?.close()]);
  };
  try {
    const wait = { timeoutMs: options.waitMs, progress: options.progress, now: options.now };
    const waiting = options.signal === undefined ? wait : { ...wait, signal: options.signal };
    await waitFor("Elasticsearch", () => clusterMissing(clusterClient), waiting);
    const cluster = await inspectCluster(clusterClient);
    const groups = clusterGroups(clusterClient, cluster, options);
    if (kibanaClient === null) return { cluster, kibana: null, kibanaClient, groups, close };
    await waitFor("Kibana", () => kibanaMissing(kibanaClient), waiting);
    const kibana = await inspectKibana(kibanaClient, cluster.flavour);
    const objects = sources.map(({ object }) => (kibana.flavour === "dashboards" ? toDashboardsForm(object) : object));
    const slack = { wanted: options.slack, webhookUrl: options.slackWebhookUrl };
    groups.push(
      savedObjects({ kibana: kibanaClient, cluster: clusterClient, space: options.space, objects }),
      defaultDataView(kibanaClient, kibana, "logstash"),
      thresholdRule(kibanaClient, kibana, cluster, options.threshold, slack),
    );
    return { cluster, kibana, kibanaClient, groups, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function clusterGroups(client: HttpClient, cluster: Cluster, options: FullOptions): ResourceGroup[] {
  const templateOptions = {
    priority: options.templatePriority,
    shards: options.shards,
    dataStream: options.dataStream,
  };
  return [
    lifecyclePolicies(client, cluster, { keepDays: options.keepDays, dataStream: options.dataStream }),
    componentTemplates(client, {
      [NAMES.settings]: settingsTemplate(cluster, templateOptions),
      [NAMES.mappings]: mappingsTemplate(cluster),
    }),
    indexTemplates(client, {
      [NAMES.dayIndices]: dayTemplate(cluster, templateOptions),
      ...(options.dataStream ? { [NAMES.dataStream]: streamTemplate(cluster, templateOptions) } : {}),
    }),
    roles(client, cluster),
    apiKeys(client, cluster, options.keystore),
    thresholdWatch(client, cluster, options.threshold, options.slack),
  ];
}
