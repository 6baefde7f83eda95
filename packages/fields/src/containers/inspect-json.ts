import type { ContainerDetails, ContainerMount } from "./container-details.ts";
import { parseImageName } from "./image-name.ts";

type Json = Readonly<Record<string, unknown>>;

/** Labels longer than this are left out, as Falco does. */
const LABEL_MAX = 100;

const asObject = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string => (typeof value === "string" ? value : "");

/** Labels of a runtime's answer, long ones left out. */
export function labelsOf(value: unknown): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(asObject(value)).flatMap(([key, text]): [string, string][] =>
      typeof text === "string" && text.length <= LABEL_MAX ? [[key, text]] : [],
    ),
  );
}

function mountOf(value: unknown): ContainerMount {
  const mount = asObject(value);
  return {
    source: asText(mount.Source),
    destination: asText(mount.Destination),
    mode: asText(mount.Mode),
    readWrite: mount.RW === true,
    propagation: asText(mount.Propagation),
  };
}

interface Image {
  readonly id: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** What the image's own answer says; podman tells some of it with the container already. */
function imageOf(container: Json, image: Json | null): Image {
  const digests = asList(image?.RepoDigests).map(asText);
  const tags = asList(image?.RepoTags).map(asText).map(parseImageName);
  const firstDigest = digests[0] ?? "";
  const repository = firstDigest.split("@")[0] || tags[0]?.repository || "";
  const named = parseImageName(asText(container.ImageName) || asText(asObject(container.Config).Image));
  return {
    id: (asText(image?.Id) || asText(container.Image)).replace(/^sha256:/, ""),
    repository: repository || (image === null || asText(container.ImageName) !== "" ? named.repository : ""),
    tag: tags.find((tag) => tag.repository === repository)?.tag ?? tags[0]?.tag ?? named.tag,
    digest: firstDigest.split("@")[1] ?? asText(container.ImageDigest),
  };
}

function addressOf(container: Json): string {
  const settings = asObject(container.NetworkSettings);
  const own = asText(settings.IPAddress);
  if (own !== "") return own;
  for (const network of Object.values(asObject(settings.Networks))) {
    const address = asText(asObject(network).IPAddress);
    if (address !== "") return address;
  }
  return "";
}

/**
 * Reads what `GET /containers/ID/json` and `GET /images/ID/json` of Docker's API (or podman's, which speaks it) answered.
 * Null when the first is no container.
 */
export function readInspect(type: "docker" | "podman", answer: unknown, image: unknown): ContainerDetails | null {
  const container = asObject(answer);
  const fullId = asText(container.Id);
  if (fullId === "") return null;
  const config = asObject(container.Config);
  const host = asObject(container.HostConfig);
  const about = imageOf(container, image === null ? null : asObject(image));
  return {
    id: fullId.slice(0, 12),
    fullId,
    type,
    name: asText(container.Name).replace(/^\//, ""),
    image: asText(config.Image) || asText(container.ImageName),
    imageId: about.id,
    imageRepository: about.repository,
    imageTag: about.tag,
    imageDigest: about.digest,
    ip: addressOf(container),
    cniJson: "",
    privileged: host.Privileged === true,
    hostPid: host.PidMode === "host",
    hostNetwork: host.NetworkMode === "host",
    hostIpc: host.IpcMode === "host",
    mounts: asList(container.Mounts).map(mountOf),
    labels: labelsOf(config.Labels),
    podSandboxId: "",
    podLabels: new Map(),
  };
}
