/** The runtimes that a cgroup's path can name; `cri` where the path fits containerd and CRI-O alike. */
export type ContainerType =
  | "docker"
  | "podman"
  | "containerd"
  | "cri-o"
  | "cri"
  | "lxc"
  | "libvirt-lxc"
  | "bpm"
  | "systemd-nspawn";

/** Which container a cgroup's path names. */
export interface ContainerRef {
  /** What `container.id` shows: 12 hexadecimal digits, or the whole name for runtimes that name containers. */
  readonly id: string;
  readonly fullId: string;
  readonly type: ContainerType;
  /** True where the path is like a container's and may as well be another program's: `/NAME/NAME`. */
  readonly guessed: boolean;
}

const HEX = "([0-9a-fA-F]{64})";

/** First match wins. Each captures the id; those without a kubepods part are tried for plain runtimes only. */
const HEX_PATTERNS: readonly (readonly [RegExp, ContainerType])[] = [
  [new RegExp(`/crio-${HEX}(?:\\.scope)?(?:/container)?$`), "cri-o"],
  [new RegExp(`/cri-containerd-${HEX}\\.scope$`), "containerd"],
  [new RegExp(`:cri-containerd:${HEX}$`), "containerd"],
  [new RegExp(`/nerdctl-${HEX}\\.scope$`), "containerd"],
  [new RegExp(`/libpod-(?:payload-)?${HEX}(?:\\.scope)?(?:/container)?$`), "podman"],
  [new RegExp(`/libpod_parent/libpod-${HEX}`), "podman"],
  [new RegExp(`/docker-${HEX}\\.scope$`), "docker"],
  [new RegExp(`/kubepods(?:[./-][^:]*)?/${HEX}$`), "cri"],
  [new RegExp(`^/k8s\\.io/${HEX}$`), "containerd"],
  [new RegExp(`/${HEX}$`), "docker"],
];

const short = (fullId: string, type: ContainerType): ContainerRef => ({
  id: fullId.slice(0, 12),
  fullId,
  type,
  guessed: false,
});
const named = (name: string, type: ContainerType): ContainerRef | null =>
  name === "" ? null : { id: name, fullId: name, type, guessed: false };

/**
 * Reads which container a cgroup's path names. Null when it names none. The path alone proves nothing: anyone may name a
 * cgroup like one, so the caller looks at the namespaces too.
 *
 * A process may live in a cgroup below its container's (systemd inside, a delegated tree): the path is tried whole first,
 * then with its last components taken away.
 */
export function containerOf(cgroup: string): ContainerRef | null {
  const byName = namedContainer(cgroup);
  if (byName !== null) return byName;
  for (let path = cgroup; path.length > 1; path = path.slice(0, path.lastIndexOf("/"))) {
    const found = hexContainer(path);
    if (found !== null) return found;
  }
  return containerdNamespace(cgroup);
}

function hexContainer(path: string): ContainerRef | null {
  // Every pattern needs 64 hexadecimal digits near the end; most host paths are shorter than that.
  if (path.length < 65) return null;
  for (const [pattern, type] of HEX_PATTERNS) {
    const id = pattern.exec(path)?.[1];
    if (id !== undefined) return short(id, type);
  }
  return null;
}

function namedContainer(cgroup: string): ContainerRef | null {
  const lxc = /\/lxc(?:\.payload[./]|\/)([^/]+)/.exec(cgroup)?.[1];
  if (lxc !== undefined && !cgroup.includes("/libvirt/lxc/")) return named(lxc, "lxc");
  const libvirt =
    /\/([^/]+)\.libvirt-lxc$/.exec(cgroup)?.[1] ??
    /-lxc\\x2d(.+?)\.scope(?:\/libvirt)?$/.exec(cgroup)?.[1] ??
    /\/libvirt\/lxc\/(.+)$/.exec(cgroup)?.[1];
  if (libvirt !== undefined) return named(libvirt, "libvirt-lxc");
  const nspawn =
    /\/systemd-nspawn@([^/]+)\.service(?:\/|$)/.exec(cgroup)?.[1] ??
    /\/machine\.slice\/machine-([^/]+)\.scope(?:\/|$)/.exec(cgroup)?.[1];
  if (nspawn !== undefined && !/^(?:qemu|libpod|lxc)\\x2d/.test(nspawn)) {
    return named(unescapeUnit(nspawn), "systemd-nspawn");
  }
  const bpm = /\/bpm-([\w.-]+?)(?:\.scope)?(?:\/|$)/.exec(cgroup)?.[1];
  return bpm === undefined ? null : named(bpm, "bpm");
}

/** `ctr` puts a container at /NAMESPACE/ID, with any name; host units end in .service, .slice or .scope and are none. */
function containerdNamespace(cgroup: string): ContainerRef | null {
  const match = /^\/([A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)\/([A-Za-z0-9][\w.-]{0,63})$/.exec(cgroup);
  const [, namespace = "", id = ""] = match ?? [];
  if (id === "" || /\.(?:service|slice|scope|mount|swap)$/.test(namespace) || /\.(?:service|slice|scope)$/.test(id)) {
    return null;
  }
  return { ...short(id, "containerd"), guessed: true };
}

/** systemd writes a `-` of a name as `\x2d` in a unit. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
