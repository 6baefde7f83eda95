import { readInspect } from "./inspect-json.ts";
import type { Runtime } from "./runtime.ts";
import { getJson, type UnixRequestOptions } from "./unix-http.ts";

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
