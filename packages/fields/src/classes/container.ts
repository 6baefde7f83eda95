import { type FieldValue, integerValue } from "@falco-efk/event";
import type { ContainerDetails, ContainerMount } from "../containers/container-details.ts";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field, fieldWith, indexOf, type Reading, unsupported } from "../field-spec.ts";
import { globMatches } from "../glob.ts";
import { bootedAt } from "./thread.ts";

const NO_PROBES = "Falco's container plugin no longer fills it";

/** A value of the details, null while nobody knows the container. */
export const detail =
  (read: (details: ContainerDetails) => FieldValue) =>
  (event: EventContext): FieldValue => {
    const details = event.containerDetails;
    return details === null ? null : read(details);
  };

const mountText = (mount: ContainerMount): string =>
  `${mount.source}:${mount.destination}:${mount.mode}:${mount.readWrite}:${mount.propagation}`;

/** Labels as Falco joins them: those of Kubernetes itself and annotations left out. */
export function labelsText(labels: ReadonlyMap<string, string>): string {
  return [...labels]
    .filter(([key]) => !key.startsWith("annotation.") && !key.startsWith("io.kubernetes."))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => (value === "" ? key : `${key}:${value}`))
    .join(", ");
}

/** A mount by number, or by a glob over its source; `container.mount.source` looks at the destination instead. */
function bindMount(by: "source" | "destination", read: (mount: ContainerMount) => string) {
  return (argument: string | null): Reading => {
    const key = argument ?? "";
    const index = indexOf(key);
    return {
      extract: detail(({ mounts }) => {
        const found = index !== null ? mounts[index] : mounts.find((mount) => globMatches(key, mount[by]));
        return found === undefined ? null : read(found);
      }),
    };
  };
}

const mount = (
  name: string,
  what: string,
  read: (mount: ContainerMount) => string,
  by: "source" | "destination" = "source",
): FieldSpec =>
  fieldWith(
    name,
    "CHARBUF",
    "required-key",
    `${what} of a mount, by number or by a glob over its ${by}.`,
    bindMount(by, read),
  );

function startOf(event: EventContext): bigint | null {
  return bootedAt(event, event.record.task.pidNamespaceStart);
}

const probe = (name: string, what: string): FieldSpec =>
  unsupported(name, "CHARBUF", `${what} of the container.`, NO_PROBES, "none", { deprecated: true });

/** The container behind the event: `host` where there is none. */
export const CONTAINER_FIELDS: readonly FieldSpec[] = [
  field(
    "container.id",
    "CHARBUF",
    "Id of the container, 12 digits; `host` on the host.",
    (e) => e.container?.id ?? "host",
  ),
  field(
    "container.full_id",
    "CHARBUF",
    "Whole id of the container.",
    detail((d) => d.fullId),
  ),
  field(
    "container.name",
    "CHARBUF",
    "Name of the container.",
    detail((d) => d.name),
  ),
  field(
    "container.image",
    "CHARBUF",
    "Image of the container, as it was started.",
    detail((d) => d.image),
  ),
  field(
    "container.image.id",
    "CHARBUF",
    "Id of the container's image.",
    detail((d) => d.imageId),
  ),
  field(
    "container.type",
    "CHARBUF",
    "Runtime of the container.",
    detail((d) => d.type),
  ),
  field(
    "container.privileged",
    "BOOL",
    "True for a privileged container.",
    detail((d) => d.privileged),
  ),
  field(
    "container.mounts",
    "CHARBUF",
    "All mounts as source:destination:mode:writable:propagation, comma-separated.",
    detail((d) => d.mounts.map(mountText).join(",")),
  ),
  mount("container.mount", "All", mountText),
  mount("container.mount.source", "Source", (m) => m.source, "destination"),
  mount("container.mount.dest", "Destination", (m) => m.destination),
  mount("container.mount.mode", "Mode", (m) => m.mode),
  mount("container.mount.rdwr", "Whether writable", (m) => String(m.readWrite)),
  mount("container.mount.propagation", "Propagation", (m) => m.propagation),
  field(
    "container.image.repository",
    "CHARBUF",
    "Repository of the container's image.",
    detail((d) => d.imageRepository),
  ),
  field(
    "container.image.tag",
    "CHARBUF",
    "Tag of the container's image.",
    detail((d) => d.imageTag),
  ),
  field(
    "container.image.digest",
    "CHARBUF",
    "Registry's digest of the container's image.",
    detail((d) => d.imageDigest),
  ),
  probe("container.healthcheck", "Health check"),
  probe("container.liveness_probe", "Liveness probe"),
  probe("container.readiness_probe", "Readiness probe"),
  field("container.start_ts", "ABSTIME", "Start of the container's pid namespace, nanoseconds since 1970.", (e) => {
    const start = startOf(e);
    return start === null ? null : integerValue(start);
  }),
  field("container.duration", "RELTIME", "Nanoseconds since container.start_ts.", (e) => {
    const start = startOf(e);
    return start === null ? null : integerValue(e.time - start);
  }),
  field(
    "container.ip",
    "CHARBUF",
    "IPv4 address of the container.",
    detail((d) => d.ip),
  ),
  field(
    "container.cni.json",
    "CHARBUF",
    "Network set-up of the container's pod as JSON.",
    detail((d) => d.cniJson),
  ),
  field(
    "container.host_pid",
    "BOOL",
    "True when the container uses the host's pid namespace.",
    detail((d) => d.hostPid),
  ),
  field(
    "container.host_network",
    "BOOL",
    "True when the container uses the host's network.",
    detail((d) => d.hostNetwork),
  ),
  field(
    "container.host_ipc",
    "BOOL",
    "True when the container uses the host's IPC namespace.",
    detail((d) => d.hostIpc),
  ),
  fieldWith(
    "container.label",
    "CHARBUF",
    "required-key",
    "A label of the container.",
    (key) => ({ extract: detail((d) => d.labels.get(key ?? "") ?? null) }),
    { dotted: true },
  ),
  field(
    "container.labels",
    "CHARBUF",
    "All labels as key:value, comma-separated.",
    detail((d) => labelsText(d.labels)),
  ),
];
