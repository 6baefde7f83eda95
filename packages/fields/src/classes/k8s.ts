import type { FieldArgument } from "@falco-efk/event";
import { type FieldSpec, field, fieldWith, unsupported } from "../field-spec.ts";
import { detail, labelsText } from "./container.ts";

const NO_API =
  "it needs the Kubernetes API server, which is not asked; Falco's container plugin no longer fills it either";

const label = (name: string) => detail((d) => d.labels.get(`io.kubernetes.${name}`) ?? null);

function gone(name: string, what: string, argument: FieldArgument = "none"): FieldSpec {
  return unsupported(name, "CHARBUF", what, NO_API, argument, { deprecated: true, dotted: argument !== "none" });
}

const resource = (prefix: string, what: string): readonly FieldSpec[] => [
  gone(`${prefix}.name`, `Name of the ${what}.`),
  gone(`${prefix}.id`, `Id of the ${what}.`),
  gone(`${prefix}.label`, `A label of the ${what}.`, "required-key"),
  gone(`${prefix}.labels`, `Labels of the ${what}.`),
];

/** The pod behind the event, as the container's runtime knows it. */
export const K8S_FIELDS: readonly FieldSpec[] = [
  field("k8s.pod.name", "CHARBUF", "Name of the pod.", label("pod.name")),
  field("k8s.ns.name", "CHARBUF", "Namespace of the pod.", label("pod.namespace")),
  field("k8s.pod.id", "CHARBUF", "Id of the pod; the same as k8s.pod.uid.", label("pod.uid")),
  field("k8s.pod.uid", "CHARBUF", "Id of the pod.", label("pod.uid")),
  field(
    "k8s.pod.sandbox_id",
    "CHARBUF",
    "Id of the pod's sandbox, 12 digits.",
    detail((d) => d.podSandboxId.slice(0, 12)),
  ),
  field(
    "k8s.pod.full_sandbox_id",
    "CHARBUF",
    "Whole id of the pod's sandbox.",
    detail((d) => d.podSandboxId),
  ),
  fieldWith(
    "k8s.pod.label",
    "CHARBUF",
    "required-key",
    "A label of the pod.",
    (key) => ({ extract: detail((d) => d.podLabels.get(key ?? "") ?? null) }),
    { dotted: true },
  ),
  field(
    "k8s.pod.labels",
    "CHARBUF",
    "Labels of the pod as key:value, comma-separated.",
    detail((d) => labelsText(d.podLabels)),
  ),
  field(
    "k8s.pod.ip",
    "CHARBUF",
    "IPv4 address of the pod.",
    detail((d) => (d.podSandboxId === "" ? null : d.ip)),
  ),
  field(
    "k8s.pod.cni.json",
    "CHARBUF",
    "Network set-up of the pod as JSON.",
    detail((d) => (d.podSandboxId === "" ? null : d.cniJson)),
  ),
  ...resource("k8s.rc", "replication controller"),
  ...resource("k8s.svc", "service"),
  gone("k8s.ns.id", "Id of the namespace."),
  gone("k8s.ns.label", "A label of the namespace.", "required-key"),
  gone("k8s.ns.labels", "Labels of the namespace."),
  ...resource("k8s.rs", "replica set"),
  ...resource("k8s.deployment", "deployment"),
];
