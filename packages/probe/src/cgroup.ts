import { LAYOUT } from "./frame-layout.ts";

/** Which control group hierarchy the kernel programs read, and its controller's name (empty for the unified one). */
export interface CgroupChoice {
  readonly hierarchy: number;
  readonly controller: string;
}

const UNIFIED: CgroupChoice = { hierarchy: LAYOUT.CGROUP_UNIFIED, controller: "" };

const LEGACY: readonly CgroupChoice[] = [
  { hierarchy: LAYOUT.CGROUP_MEMORY, controller: "memory" },
  { hierarchy: LAYOUT.CGROUP_PIDS, controller: "pids" },
  { hierarchy: LAYOUT.CGROUP_DEVICES, controller: "devices" },
  { hierarchy: LAYOUT.CGROUP_CPU, controller: "cpu" },
];

/**
 * Chooses from the text of /proc/cgroups: the hierarchy with the most groups carries the services and containers. On a
 * host with the unified hierarchy alone every controller has the number 0.
 */
export function chooseCgroup(procCgroups: string): CgroupChoice {
  let best = UNIFIED;
  let most = 1;
  for (const line of procCgroups.split("\n")) {
    const [name, hierarchy, groups, enabled] = line.split(/\s+/);
    const choice = LEGACY.find((candidate) => candidate.controller === name);
    if (!choice || hierarchy === "0" || enabled !== "1" || Number(groups) <= most) continue;
    most = Number(groups);
    best = choice;
  }
  return best;
}
