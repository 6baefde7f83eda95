import type { ProcessSnapshot, TaskInfo } from "@falco-efk/event";
import {
  bareDetails,
  type ContainerDetails,
  type ContainerMetadata,
  HOST_DETAILS,
  NO_METADATA,
} from "./container-details.ts";
import { type ContainerRef, containerOf } from "./container-id.ts";

/** The container behind a process: null for the host. */
export type ContainerOrHost = ContainerRef | null;

/** How containers are told from the host, and described. */
export interface ContainersOptions {
  /** Namespaces of the host's init; 0 where unknown, and then they are not looked at. */
  readonly hostNamespaces?: { readonly pid: number; readonly mount: number };
  /** Path of the cgroup of the host's init, as the probe sees it: a container's name in it is the machine's own. */
  readonly hostCgroup?: string;
  readonly metadata?: ContainerMetadata;
  /** Cgroup paths remembered at most. 4096 when absent. */
  readonly maxCached?: number;
}

const RUNTIMELESS: ReadonlySet<string> = new Set(["lxc", "libvirt-lxc", "bpm", "systemd-nspawn"]);

/**
 * Tells which container a task runs in. A task is in a container when its cgroup names one and it has a pid or mount
 * namespace other than the host init's: a host whose own cgroup is named like a container's is none. Where the path is
 * only a guess, both namespaces must be others and no host process may have been seen in the cgroup.
 */
export class Containers {
  readonly #byCgroup = new Map<string, ContainerRef | null>();
  readonly #metadata: ContainerMetadata;
  readonly #hostPid: number;
  readonly #hostMount: number;
  readonly #maxCached: number;
  readonly #ownIds = new Set<string>();

  constructor(options: ContainersOptions = {}) {
    this.#metadata = options.metadata ?? NO_METADATA;
    this.#hostPid = options.hostNamespaces?.pid ?? 0;
    this.#hostMount = options.hostNamespaces?.mount ?? 0;
    this.#maxCached = options.maxCached ?? 4096;
    if (options.hostCgroup !== undefined) this.learnHost(options.hostCgroup);
  }

  /** Tells the cgroup of the host's init when it becomes known later: the name in it is no container's from then on. */
  learnHost(cgroup: string): void {
    const own = containerOf(cgroup);
    if (own === null) return;
    this.#ownIds.add(own.fullId);
    this.#byCgroup.clear();
  }

  /** Tells who ran before the first event: a cgroup that host processes share and that only looks like a container's is none. */
  learnFrom(snapshots: Iterable<ProcessSnapshot>): void {
    for (const { task } of snapshots) {
      if (!this.#isHost(task) || (this.#hostPid === 0 && this.#hostMount === 0)) continue;
      const named = containerOf(task.cgroup);
      if (named?.guessed) this.#ownIds.add(named.fullId);
    }
    this.#byCgroup.clear();
  }

  /** The container of a task, null on the host. */
  of(task: TaskInfo): ContainerOrHost {
    if (this.#isHost(task)) return null;
    const cgroup = task.cgroup;
    let found = this.#byCgroup.get(cgroup);
    if (found === undefined) {
      const named = containerOf(cgroup);
      found = named !== null && this.#ownIds.has(named.fullId) ? null : named;
      if (this.#byCgroup.size >= this.#maxCached) this.#byCgroup.clear();
      this.#byCgroup.set(cgroup, found);
    }
    if (found?.guessed && (task.pidNamespace === this.#hostPid || task.mountNamespace === this.#hostMount)) return null;
    return found;
  }

  /** What is known of a container: null when nobody knows it, undefined while the runtimes are still asked. */
  details(container: ContainerOrHost): ContainerDetails | null | undefined {
    if (container === null) return HOST_DETAILS;
    if (RUNTIMELESS.has(container.type)) return bareDetails(container);
    const known = this.#metadata.get(container);
    if (known === undefined) void this.#metadata.request(container);
    return known;
  }

  /** Resolves when the runtimes have answered about the container, either way. Never rejects. */
  async known(container: ContainerRef): Promise<void> {
    await this.#metadata.request(container);
  }

  /** Asks early, so that the answer is there when an alert needs it. */
  prefetch(container: ContainerOrHost): void {
    if (container !== null) this.details(container);
  }

  /** Forgets which container a cgroup means, to save memory: it is worked out again. Answers of how many cgroups. */
  letGoCgroups(): number {
    const { size } = this.#byCgroup;
    this.#byCgroup.clear();
    return size;
  }

  #isHost(task: TaskInfo): boolean {
    if (this.#hostPid === 0 && this.#hostMount === 0) return false;
    const samePid = this.#hostPid === 0 || task.pidNamespace === this.#hostPid;
    const sameMount = this.#hostMount === 0 || task.mountNamespace === this.#hostMount;
    return samePid && sameMount;
  }
}
