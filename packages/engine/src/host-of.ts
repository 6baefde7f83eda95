import type { ProcessSnapshot } from "@falco-efk/event";
import { type ContainersOptions, readHostNamespaces } from "@falco-efk/fields";

/**
 * What tells a host process from a container's. The host's init may not be readable, but the kernel's own threads share
 * its namespaces: pid 2 is one of them. Where neither is among the processes, a live machine is asked, and of a recorded
 * one nothing is known.
 */
export function hostOf(
  processes: readonly ProcessSnapshot[],
  live: boolean,
): Pick<ContainersOptions, "hostNamespaces" | "hostCgroup"> {
  const init = processes.find(({ task }) => task.pid === 1);
  const witness = init ?? processes.find(({ task }) => task.pid === 2);
  if (witness === undefined) return live ? { hostNamespaces: readHostNamespaces() } : {};
  const { pidNamespace: pid, mountNamespace: mount, cgroup } = witness.task;
  return { hostNamespaces: { pid, mount }, ...(init === undefined ? {} : { hostCgroup: cgroup }) };
}
