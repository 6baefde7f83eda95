import type { EventObject } from "./event.ts";

/** What is read of a pod, in the API server's own names. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }[];
  };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  /** `containerd://<id>` */
  readonly containerID?: string;
  readonly lastState?: { readonly terminated?: { readonly containerID?: string } };
}

/** A container of a pod. */
export interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly runtime: string;
  readonly id: string;
}

const SHORT = 12;

/** The containers of a pod that have an id, the one before a restart too. */
export function podContainers(pod: Pod): readonly PodContainer[] {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].flatMap((status) =>
    [status.containerID, status.lastState?.terminated?.containerID].flatMap((text) => {
      const [, runtime = "", id = ""] = /^([^:]+):\/\/(.+)$/.exec(text ?? "") ?? [];
      return id === "" ? [] : [{ name: status.name, image: status.image ?? "", runtime, id }];
    }),
  );
}

/** The key of a container, by its whole id or its first 12 digits, as Falco tells it. */
export function containerKey(id: string): string {
  return `container ${id.slice(0, SHORT)}`;
}

/** The key of a pod by its name. */
export function nameKey(namespace: string, name: string): string {
  return `pod ${namespace}/${name}`;
}

/** What leads to a pod. */
export function podKeys(pod: Pod): readonly string[] {
  const { name, namespace, uid } = pod.metadata;
  const address = pod.status?.podIP;
  return [
    nameKey(namespace, name),
    `uid ${uid}`,
    ...(address === undefined ? [] : [`ip ${address}`]),
    ...podContainers(pod).map(({ id }) => containerKey(id)),
  ];
}

/** How a pod's labels and annotations are written. */
export interface PodView {
  readonly dedotLabels: boolean;
  readonly dedotAnnotations: boolean;
  /** Only these; all when empty. */
  readonly includeLabels: readonly string[];
  readonly excludeLabels: readonly string[];
  /** Only these; none when empty. */
  readonly includeAnnotations: readonly string[];
}

/** The `kubernetes` object of a pod. */
export function describePod(pod: Pod, container: PodContainer | null, view: PodView): EventObject {
  const { name, namespace, uid, labels = {}, annotations = {} } = pod.metadata;
  const node = pod.spec?.nodeName;
  const address = pod.status?.podIP;
  const shownLabels = pick(labels, view.includeLabels, view.excludeLabels, view.dedotLabels);
  const shownAnnotations =
    view.includeAnnotations.length === 0 ? {} : pick(annotations, view.includeAnnotations, [], view.dedotAnnotations);
  return {
    namespace,
    pod: { name, uid, ...(address === undefined ? {} : { ip: address }) },
    ...(node === undefined ? {} : { node: { name: node } }),
    ...(container === null ? {} : { container: { name: container.name } }),
    ...ownersOf(pod),
    ...(Object.keys(shownLabels).length === 0 ? {} : { labels: shownLabels }),
    ...(Object.keys(shownAnnotations).length === 0 ? {} : { annotations: shownAnnotations }),
  };
}

/** `replicaset`, `daemonset`, `statefulset`, `job`; a replica set of a deployment and a job of a cron job name that as well. */
function ownersOf(pod: Pod): EventObject {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return {};
  const { kind, name } = owner;
  const result: EventObject = {};
  if (["ReplicaSet", "DaemonSet", "StatefulSet", "Job", "CronJob"].includes(kind))
    result[kind.toLowerCase()] = { name };
  const hash = pod.metadata.labels?.["pod-template-hash"];
  if (kind === "ReplicaSet" && hash !== undefined && name.endsWith(`-${hash}`)) {
    result.deployment = { name: name.slice(0, -hash.length - 1) };
  }
  const cron = kind === "Job" ? /^(.+)-\d{8,}$/.exec(name)?.[1] : undefined;
  if (cron !== undefined) result.cronjob = { name: cron };
  return result;
}

function pick(
  values: Readonly<Record<string, string>>,
  include: readonly string[],
  exclude: readonly string[],
  dedot: boolean,
): EventObject {
  const entries = Object.entries(values).filter(
    ([name]) => (include.length === 0 || include.includes(name)) && !exclude.includes(name),
  );
  return Object.fromEntries(entries.map(([name, value]) => [dedot ? name.replaceAll(".", "_") : name, value]));
}
