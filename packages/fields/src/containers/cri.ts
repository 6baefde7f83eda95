import { type ContainerDetails, type ContainerMount, HOST_DETAILS } from "./container-details.ts";
import { callUnary, GrpcError, type GrpcOptions } from "./grpc.ts";
import { parseImageName } from "./image-name.ts";
import {
  decodeMessage,
  encodeMessage,
  type Message,
  mapOf,
  messageOf,
  messagesOf,
  numberOf,
  textOf,
} from "./protobuf.ts";
import type { Runtime } from "./runtime.ts";

const SERVICE = "/runtime.v1.RuntimeService/";
const NOT_FOUND = 5;
const LABEL_MAX = 100;
const CNI_MAX = 4096;
const NODE_NAMESPACE = 2;
const PROPAGATION: readonly string[] = ["private", "rslave", "rshared"];

/** A CRI runtime (containerd, CRI-O, k3s) at a unix socket. Field numbers are those of runtime.v1. */
export function criRuntime(socket: string, options: GrpcOptions = {}): Runtime {
  let type: Promise<string> | null = null;
  const call = async (method: string, request: Uint8Array): Promise<Message> =>
    decodeMessage(await callUnary(socket, SERVICE + method, request, options));
  const typeOf = (): Promise<string> => {
    type ??= call("Version", encodeMessage([])).then(
      (answer) => runtimeType(textOf(answer, 2)),
      (error: unknown) => {
        type = null;
        throw error;
      },
    );
    return type;
  };
  return {
    name: "cri",
    socket,
    inspect: async (fullId) => {
      const known = await notFoundAsNull(
        call(
          "ContainerStatus",
          encodeMessage([
            [1, fullId],
            [2, true],
          ]),
        ),
      );
      const sandboxId = known === null ? fullId : await sandboxOf(call, fullId);
      const sandbox = await notFoundAsNull(
        call(
          "PodSandboxStatus",
          encodeMessage([
            [1, sandboxId],
            [2, true],
          ]),
        ),
      );
      if (known === null && sandbox === null) return null;
      return readCri(await typeOf(), known, sandbox);
    },
  };
}

function runtimeType(name: string): string {
  return name === "containerd" || name === "cri-o" ? name : "cri";
}

async function notFoundAsNull(answer: Promise<Message>): Promise<Message | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GrpcError && error.status === NOT_FOUND) return null;
    throw error;
  }
}

async function sandboxOf(
  call: (method: string, request: Uint8Array) => Promise<Message>,
  fullId: string,
): Promise<string> {
  const filter = encodeMessage([[1, encodeMessage([[1, fullId]])]]);
  const [container] = messagesOf(await call("ListContainers", filter), 1);
  return container === undefined ? fullId : textOf(container, 2);
}

/** The verbose part of an answer: JSON under the key `info`. */
function infoOf(answer: Message | null): Readonly<Record<string, unknown>> {
  try {
    const info: unknown = JSON.parse((answer === null ? "" : mapOf(answer, 2).get("info")) || "{}");
    return typeof info === "object" && info !== null ? (info as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A value deep in JSON, undefined where the way ends early. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
}

function privilegedOf(info: unknown): boolean {
  const said =
    at(info, "runtimeSpec", "linux", "security_context", "privileged") ??
    at(info, "config", "linux", "security_context", "privileged") ??
    at(info, "privileged");
  return said === true;
}

interface Image {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

/** `image_ref` is `name@sha256:…` or a bare digest; the image's own name may be a bare digest too. */
function imageOf(status: Message, info: unknown): Image {
  const given = textOf(messageOf(status, 8), 1);
  const reference = textOf(status, 9);
  const at256 = reference.indexOf("sha256:");
  const digest = at256 < 0 ? "" : reference.slice(at256);
  const named = at256 > 0 && reference[at256 - 1] === "@" ? reference.slice(0, at256 - 1) : given;
  if (named !== "" && !named.startsWith("sha256")) return { name: named, tag: parseImageName(given).tag, digest };
  for (const key of ["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.Image", "io.kubernetes.cri-o.ImageName"]) {
    const annotated = at(info, "runtimeSpec", "annotations", key);
    if (typeof annotated === "string") return { name: annotated, tag: parseImageName(annotated).tag, digest };
  }
  return { name: named, tag: "", digest };
}

/** An older runtime tells it in the container's own configuration alone, where an image's name may stand instead. */
function imageIdOf(status: Message, info: unknown): string {
  const configured = at(info, "config", "image", "image");
  const id = textOf(status, 17) || (typeof configured === "string" ? configured : "");
  return /^(?:sha256:)?([0-9a-f]{64})$/.exec(id)?.[1] ?? "";
}

function mountOf(mount: Message): ContainerMount {
  return {
    source: textOf(mount, 2),
    destination: textOf(mount, 1),
    mode: "",
    readWrite: numberOf(mount, 3) === 0,
    propagation: PROPAGATION[numberOf(mount, 5)] ?? "unknown",
  };
}

const shortLabels = (labels: ReadonlyMap<string, string>): Map<string, string> =>
  new Map([...labels].filter(([, value]) => value.length <= LABEL_MAX));

function cniOf(info: unknown): string {
  const interfaces = at(info, "cniResult", "Interfaces") ?? at(info, "cniResult", "interfaces");
  const annotated = at(info, "runtimeSpec", "annotations", "io.kubernetes.cri-o.CNIResult");
  const text =
    interfaces !== undefined && interfaces !== null
      ? JSON.stringify(interfaces)
      : typeof annotated === "string"
        ? annotated
        : "";
  return text.slice(0, CNI_MAX);
}

/** Reads the answers about a container and its pod's sandbox; without a container the sandbox itself is meant. */
export function readCri(type: string, container: Message | null, sandbox: Message | null): ContainerDetails {
  const status = messageOf(container ?? new Map(), 1);
  const info = infoOf(container);
  const pod = messageOf(sandbox ?? new Map(), 1);
  const metadata = messageOf(pod, 2);
  const namespaces = messageOf(messageOf(messageOf(pod, 6), 1), 2);
  const fullId = textOf(status, 1) || textOf(pod, 1);
  const podSandboxId = textOf(pod, 1) || fullId;
  const image = imageOf(status, info);
  const labels = shortLabels(mapOf(container === null ? pod : status, container === null ? 7 : 12));
  labels.set("io.kubernetes.sandbox.id", podSandboxId);
  if (metadata.size > 0) {
    labels.set("io.kubernetes.pod.uid", textOf(metadata, 2));
    labels.set("io.kubernetes.pod.name", textOf(metadata, 1));
    labels.set("io.kubernetes.pod.namespace", textOf(metadata, 3));
  }
  return {
    ...HOST_DETAILS,
    id: fullId.slice(0, 12),
    fullId,
    type,
    name: textOf(messageOf(status, 2), 1) || textOf(metadata, 1),
    image: image.tag !== "" && !image.name.endsWith(`:${image.tag}`) ? `${image.name}:${image.tag}` : image.name,
    imageId: imageIdOf(status, info),
    imageRepository: parseImageName(image.name).repository,
    imageTag: image.tag,
    imageDigest: image.digest,
    ip: textOf(messageOf(pod, 5), 1),
    cniJson: cniOf(infoOf(sandbox)),
    privileged: privilegedOf(info),
    hostNetwork: numberOf(namespaces, 1) === NODE_NAMESPACE,
    hostPid: numberOf(namespaces, 2) === NODE_NAMESPACE,
    hostIpc: numberOf(namespaces, 3) === NODE_NAMESPACE,
    mounts: messagesOf(status, 14).map(mountOf),
    labels,
    podSandboxId,
    podLabels: shortLabels(mapOf(pod, 7)),
  };
}
