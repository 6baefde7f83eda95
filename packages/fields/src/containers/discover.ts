import { readdirSync, statSync } from "node:fs";
import { criRuntime } from "./cri.ts";
import { httpRuntime } from "./http-runtime.ts";
import type { Runtime } from "./runtime.ts";

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

/**
 * Gives the runtimes of this machine, found by their sockets, each kept while its socket is there. Pass the function on:
 * it looks anew at each call, so that a runtime that starts later is found.
 */
export function discoverRuntimes(files: SocketFiles = HOST_SOCKETS): () => readonly Runtime[] {
  const known = new Map<string, Runtime>();
  return () => {
    const found = findSockets(files);
    for (const path of known.keys()) if (!found.some((socket) => socket.path === path)) known.delete(path);
    for (const { kind, path } of found) {
      if (!known.has(path)) known.set(path, kind === "cri" ? criRuntime(path) : httpRuntime(kind, path));
    }
    return [...known.values()];
  };
}
