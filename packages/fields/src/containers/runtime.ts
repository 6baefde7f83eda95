import { readdirSync, statSync } from "node:fs";
import type { ContainerDetails } from "./container-details.ts";
import { readInspect } from "./inspect-json.ts";
import { getJson, type UnixRequestOptions } from "./unix-http.ts";

/** A container runtime that answers on a socket. */
export interface Runtime {
  readonly name: string;
  readonly socket: string;
  /** What it knows of a container by its whole id; null when it does not know it. Rejects when it can't be asked. */
  inspect(fullId: string): Promise<ContainerDetails | null>;
}

/** Docker's or podman's API at a unix socket. */
export function httpRuntime(name: "docker" | "podman", socket: string, options: UnixRequestOptions = {}): Runtime {
  return {
    name,
    socket,
    inspect: async (fullId) => {
      const container = await getJson(socket, `/containers/${encodeURIComponent(fullId)}/json`, options);
      if (container === null) return null;
      const imageId = (container as { readonly Image?: unknown }).Image;
      // Without its image a container is still worth telling.
      const image =
        typeof imageId === "string"
          ? await getJson(socket, `/images/${encodeURIComponent(imageId)}/json`, options).catch(() => null)
          : null;
      return readInspect(name, container, image);
    },
  };
}

/** The file system calls that looking for sockets takes. */
export interface SocketFiles {
  isSocket(path: string): boolean;
  list(path: string): readonly string[];
}

const HOST_SOCKETS: SocketFiles = {
  isSocket: (path) => {
    try {
      return statSync(path).isSocket();
    } catch {
      return false;
    }
  },
  list: (path) => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  },
};

/** A runtime's socket that was found. */
export interface FoundSocket {
  readonly kind: "docker" | "podman" | "cri";
  readonly path: string;
}

/** Looks where Docker, podman (root's and each user's) and the CRI runtimes put their sockets by default. */
export function findSockets(files: SocketFiles = HOST_SOCKETS): readonly FoundSocket[] {
  const candidates: FoundSocket[] = [
    { kind: "docker", path: "/run/docker.sock" },
    { kind: "docker", path: "/var/run/docker.sock" },
    { kind: "podman", path: "/run/podman/podman.sock" },
    ...files
      .list("/run/user")
      .map((uid): FoundSocket => ({ kind: "podman", path: `/run/user/${uid}/podman/podman.sock` })),
    { kind: "cri", path: "/run/containerd/containerd.sock" },
    { kind: "cri", path: "/run/crio/crio.sock" },
    { kind: "cri", path: "/run/k3s/containerd/containerd.sock" },
    { kind: "cri", path: "/run/host-containerd/containerd.sock" },
  ];
  const found = candidates.filter(({ path }) => files.isSocket(path));
  // /var/run is /run on most hosts.
  return found.filter(
    ({ path }, index) =>
      path !== "/var/run/docker.sock" || !found.slice(0, index).some((other) => other.kind === "docker"),
  );
}
