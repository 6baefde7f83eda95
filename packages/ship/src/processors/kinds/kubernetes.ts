import { describeSystemError } from "@falco-efk/kit";
import { asText, type EventObject, getField, setField } from "../event.ts";
import { type KubernetesApi, kubeConfigApi, podApi } from "../kubernetes-api.ts";
import { KubernetesPods } from "../kubernetes-pods.ts";
import { containerKey, describePod, nameKey, type Pod, type PodView, podContainers } from "../pod.ts";
import type { ProcessorKind } from "../processor.ts";
import type { Settings } from "../settings.ts";

const CONTAINER_FIELDS = ["container.id", "output_fields.container.id"];
const NAME_FIELDS = [
  ["kubernetes.namespace", "kubernetes.pod.name"],
  ["orchestrator.namespace", "orchestrator.resource.name"],
  ["output_fields.k8s.ns.name", "output_fields.k8s.pod.name"],
] as const;

/**
 * Adds `kubernetes` of the pod that an event comes from: by container id, by namespace and name, or by the log's path in
 * `/var/log/containers` or `/var/log/pods`. The API server is asked with the pod's service account, or by a kubeconfig.
 */
export const addKubernetesMetadata: ProcessorKind = (settings, context) => {
  const fields = [...settings.texts("match_fields", CONTAINER_FIELDS)];
  const view = readView(settings);
  const node = settings.has("host") ? settings.text("host") : settings.has("node") ? settings.text("node") : null;
  const scope = settings.choice("scope", ["node", "cluster"] as const, node === null ? "cluster" : "node");
  if (scope === "node" && node === null) throw settings.error("scope: node needs host, the node's name", "scope");
  settings.ignore("in_cluster", "default_indexers", "default_matchers", "indexers", "matchers", "sync_period");
  settings.ignore("add_resource_metadata", "kube_client_options", "use_kubeadm");
  const pods = new KubernetesPods(
    {
      api: readApi(settings),
      node: scope === "node" ? node : null,
      namespace: settings.has("namespace") ? settings.text("namespace") : null,
      timeoutMs: settings.duration("timeout", "10s"),
      waitMs: settings.duration("wait", "1s"),
      cleanupMs: settings.duration("cleanup_timeout", "60s"),
    },
    context,
  );
  return (event, origin) => {
    const id = containerIdOf(event, fields) ?? containerIdOfPath(origin.path);
    const keys = [...(id === null ? [] : [containerKey(id)]), ...namesOf(event), ...uidOfPath(origin.path)];
    if (keys.length === 0) return event;
    const found = pods.find(keys);
    if (found instanceof Promise) return found.then((pod) => add(event, pod, id, view));
    return add(event, found, id, view);
  };
};

function readApi(settings: Settings): KubernetesApi {
  const optional = (key: string): string | undefined => (settings.has(key) ? settings.text(key) : undefined);
  const file = optional("kube_config");
  const tokenFile = optional("token_file");
  const caFile = optional("ca_file");
  const url = settings.text("api_server", "https://kubernetes.default.svc");
  if (file === undefined) {
    return podApi({
      url,
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(caFile === undefined ? {} : { caFile }),
    });
  }
  try {
    return kubeConfigApi(file);
  } catch (error) {
    throw settings.error(`${file}: ${describeSystemError(error)}`, "kube_config");
  }
}

function readView(settings: Settings): PodView {
  return {
    dedotLabels: settings.inner("labels").flag("dedot", true),
    dedotAnnotations: settings.inner("annotations").flag("dedot", true),
    includeLabels: settings.texts("include_labels", []),
    excludeLabels: settings.texts("exclude_labels", []),
    includeAnnotations: settings.texts("include_annotations", []),
  };
}

const ID = /^[0-9a-f]{12,64}$/;

function containerIdOf(event: EventObject, fields: readonly string[]): string | null {
  for (const field of fields) {
    const text = asText(getField(event, field));
    if (text !== null && ID.test(text)) return text;
  }
  return null;
}

/** `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`, or Docker's own folder. */
function containerIdOfPath(path: string): string | null {
  return /(?:-|\/containers\/)([0-9a-f]{64})(?:\.log|\/)/.exec(path)?.[1] ?? null;
}

/** `/var/log/pods/<namespace>_<pod>_<uid>/…` */
function uidOfPath(path: string): readonly string[] {
  const uid = /\/pods\/[^/]+_([0-9a-f-]{32,36})\//.exec(path)?.[1];
  return uid === undefined ? [] : [`uid ${uid}`];
}

function namesOf(event: EventObject): readonly string[] {
  return NAME_FIELDS.flatMap(([namespaceField, nameField]) => {
    const namespace = asText(getField(event, namespaceField));
    const name = asText(getField(event, nameField));
    return namespace === null || name === null ? [] : [nameKey(namespace, name)];
  });
}

function add(event: EventObject, pod: Pod | null, id: string | null, view: PodView): EventObject {
  if (pod === null) return event;
  const container = podContainers(pod).find((other) => id !== null && other.id.startsWith(id)) ?? null;
  for (const [key, value] of Object.entries(describePod(pod, container, view))) {
    setField(event, `kubernetes.${key}`, value);
  }
  if (container === null) return event;
  setField(event, "container.id", container.id);
  setField(event, "container.runtime", container.runtime);
  if (container.image !== "") setField(event, "container.image.name", container.image);
  return event;
}
