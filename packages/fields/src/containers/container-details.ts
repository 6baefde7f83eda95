import type { ContainerRef } from "./container-id.ts";

/** One mount of a container, as its runtime tells it. */
export interface ContainerMount {
  readonly source: string;
  readonly destination: string;
  readonly mode: string;
  readonly readWrite: boolean;
  readonly propagation: string;
}

/** What a runtime knows about a container. Texts are empty where it did not say. */
export interface ContainerDetails {
  readonly id: string;
  readonly fullId: string;
  readonly type: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly imageRepository: string;
  readonly imageTag: string;
  readonly imageDigest: string;
  readonly ip: string;
  readonly cniJson: string;
  readonly privileged: boolean;
  readonly hostPid: boolean;
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly mounts: readonly ContainerMount[];
  readonly labels: ReadonlyMap<string, string>;
  readonly podSandboxId: string;
  readonly podLabels: ReadonlyMap<string, string>;
}

/** The host as a container, as Falco prints it: `host`, without an image. */
export const HOST_DETAILS: ContainerDetails = {
  id: "host",
  fullId: "host",
  type: "host",
  name: "host",
  image: "",
  imageId: "",
  imageRepository: "",
  imageTag: "",
  imageDigest: "",
  ip: "",
  cniJson: "",
  privileged: false,
  hostPid: false,
  hostNetwork: false,
  hostIpc: false,
  mounts: [],
  labels: new Map(),
  podSandboxId: "",
  podLabels: new Map(),
};

/** What is known without asking a runtime: enough for runtimes that have no socket to ask (LXC, systemd-nspawn, bpm). */
export function bareDetails(ref: ContainerRef): ContainerDetails {
  return { ...HOST_DETAILS, id: ref.id, fullId: ref.fullId, type: ref.type, name: "" };
}

/** Where the details of containers come from. */
export interface ContainerMetadata {
  /** What is known now: details, null when no runtime knows the container, undefined while nobody has answered. */
  get(ref: ContainerRef): ContainerDetails | null | undefined;
  /** Asks the runtimes, once for all who ask meanwhile; resolves with what `get` gives then. Never rejects. */
  request(ref: ContainerRef): Promise<ContainerDetails | null>;
}

/** No runtime to ask: every container is known by its id alone. */
export const NO_METADATA: ContainerMetadata = {
  get: () => null,
  request: async () => null,
};
