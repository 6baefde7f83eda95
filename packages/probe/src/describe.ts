import { readFileSync } from "node:fs";
import { eventTypeByName } from "@falco-efk/event";
import { chooseCgroup } from "./cgroup.ts";
import { ProbeError } from "./errors.ts";
import { type KernelFacts, kernelFacts } from "./kernel-facts.ts";
import { attachProbe, loadProbe, preferredAttach } from "./load.ts";
import { type AttachMode, type ProbeVariant, VARIANTS } from "./options.ts";

/** How one build of the kernel programs fared on this kernel. */
export interface BuildReport {
  readonly variant: ProbeVariant;
  /** Null where it loads and attaches. */
  readonly error: ProbeError | null;
}

/** What a probe would find here: for `doctor`. */
export interface ProbeReport {
  readonly kernel: KernelFacts;
  /** How the calls' exits would be attached. */
  readonly attach: AttachMode;
  readonly cgroupController: string;
  readonly builds: readonly BuildReport[];
}

async function tryBuild(variant: ProbeVariant, kernel: KernelFacts): Promise<ProbeError | null> {
  const types = ["openat", "execve"].map((name) => eventTypeByName(name)?.id ?? -1);
  try {
    const loaded = await loadProbe({ types, variant, compat: false }, kernel, chooseCgroup(""));
    try {
      attachProbe(loaded);
    } finally {
      loaded.native.close();
    }
    return null;
  } catch (error) {
    if (error instanceof ProbeError) return error;
    throw error;
  }
}

/** Looks at the kernel and tries every build on it with two small hooks. Takes a second or so. */
export async function describeProbe(): Promise<ProbeReport> {
  const kernel = kernelFacts();
  const builds: BuildReport[] = [];
  for (const variant of VARIANTS) builds.push({ variant, error: await tryBuild(variant, kernel) });
  return {
    kernel,
    attach: preferredAttach(kernel, kernel.compat),
    cgroupController: chooseCgroup(readFileSync("/proc/cgroups", "utf8")).controller,
    builds,
  };
}
