import type { Accounts, Containers, ProcessSavings } from "@falco-efk/fields";
import type { Detail } from "./memory-budget.ts";

const nothing = (): void => undefined;

/**
 * What the state can do without, in the order in which it goes: first what costs nothing but time, then what is read again
 * from the system when a rule asks for it, then what only late events need. A replay has no system to ask: there,
 * environments and arguments go after exited processes.
 */
export function stateDetails(
  live: boolean,
  parts: { readonly processes: ProcessSavings; readonly accounts: Accounts; readonly containers: Containers },
): readonly Detail[] {
  const { processes, accounts, containers } = parts;
  const caches: Detail[] = [
    { name: "unpacked_strings", letGo: () => processes.packStrings(), keep: nothing },
    { name: "cgroups", letGo: () => containers.letGoCgroups(), keep: nothing },
    { name: "container_users", letGo: () => accounts.letGoContainers(), keep: nothing },
  ];
  const strings: Detail[] = [
    { name: "environments", letGo: () => processes.letGoEnvironments(), keep: nothing },
    { name: "arguments", letGo: () => processes.letGoLongArguments(), keep: nothing },
  ];
  const exited: Detail = {
    name: "exited_processes",
    letGo: () => processes.letGoExited(),
    keep: () => processes.keepExited(),
  };
  const running: Detail = { name: "processes", letGo: () => processes.letGoRunning(), keep: nothing };
  return [...caches, ...(live ? [...strings, exited] : [exited, ...strings]), running];
}
