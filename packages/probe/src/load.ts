import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { CALL_NUMBERS, COMPAT_BASE } from "./calls.ts";
import type { CgroupChoice } from "./cgroup.ts";
import { ProbeError } from "./errors.ts";
import { LAYOUT } from "./frame-layout.ts";
import { isThere, type KernelFacts } from "./kernel-facts.ts";
import { isNativeFailure, loadNative, type NativeFailure, type NativeProbe, PREBUILDS } from "./native.ts";
import type { AttachMode, ProbeOptions, ProbeVariant } from "./options.ts";
import { VARIANTS } from "./options.ts";
import { type EventHooks, hooksFor } from "./programs.ts";

const EPERM = 1;
const EACCES = 13;
const MIB = 1024 * 1024;

export interface LoadedProbe {
  readonly native: NativeProbe;
  readonly variant: ProbeVariant;
  readonly attach: AttachMode;
  readonly compat: boolean;
  readonly hooks: EventHooks;
  readonly ringBytes: number;
}

/** Numbers of processors that could ever run, from /sys; the BPF side has a scratch space for each. */
function possibleProcessors(): number {
  try {
    const text = readFileSync("/sys/devices/system/cpu/possible", "utf8");
    return Number(/(\d+)\s*$/.exec(text)?.[1] ?? 0) + 1;
  } catch {
    return availableParallelism();
  }
}

function settingsBytes(options: ProbeOptions, cgroup: CgroupChoice): Uint8Array {
  const bytes = new Uint8Array(LAYOUT["settings.bytes"]);
  const view = new DataView(bytes.buffer);
  view.setUint32(LAYOUT["settings.cgroup_hierarchy"], cgroup.hierarchy, true);
  view.setUint32(LAYOUT["settings.max_args"], options.maxArgs ?? 16384, true);
  view.setUint32(LAYOUT["settings.max_env"], options.maxEnv ?? 32767, true);
  view.setUint32(LAYOUT["settings.max_data"], options.maxData ?? 80, true);
  return bytes;
}

/** A ring buffer's size must be a power of two, and at least a page; 64 KiB holds the longest frame. */
function ringSize(wanted: number): number {
  let size = 128 * 1024;
  while (size < wanted) size *= 2;
  return size;
}

function refused(failure: NativeFailure, facts: KernelFacts): ProbeError {
  if (failure.errno === EPERM || (failure.errno === EACCES && facts.missingCapabilities.length > 0)) {
    const missing = facts.missingCapabilities;
    const hint =
      facts.lockdown === "confidentiality"
        ? "kernel lockdown is in confidentiality mode, which forbids BPF to read memory: boot with lockdown=integrity"
        : missing.length > 0
          ? `run as root, or grant ${missing.join(", ")}`
          : "run as root outside of any container, or check the container's seccomp profile for bpf and perf_event_open";
    return new ProbeError("no-permission", `the kernel refused the probe: ${failure.message}`, hint, {
      cause: failure,
      log: failure.log,
    });
  }
  return new ProbeError(
    "load-failed",
    `the kernel ${facts.release} took none of the probe's builds: ${failure.message}`,
    "the probe needs Linux 5.8 or later with BPF and BTF; `falco-efk doctor` shows the loader's log",
    { cause: failure, log: failure.log },
  );
}

/** The programs' names for the chosen way of attaching. */
function programNames(hooks: EventHooks, attach: AttachMode, compat: boolean): string[] {
  const names = [...hooks.tracepoints, "scan_processes"];
  if (attach === "tracepoint") names.push(...hooks.calls.map((call) => `tp_${call}`));
  else names.push("dispatch");
  if (compat && attach === "tracepoint") names.push("dispatch_compat");
  if (attach === "raw" || compat) names.push(...hooks.calls.map((call) => `raw_${call}`));
  return names;
}

async function tryVariants(
  options: ProbeOptions,
  facts: KernelFacts,
  make: (variant: ProbeVariant) => Promise<NativeProbe>,
): Promise<{ native: NativeProbe; variant: ProbeVariant }> {
  const variants = options.variant ? [options.variant] : VARIANTS;
  let first: NativeFailure | null = null;
  for (const variant of variants) {
    try {
      return { native: await make(variant), variant };
    } catch (error) {
      if (!isNativeFailure(error)) throw error;
      first ??= error;
      if (error.errno === EPERM) break;
    }
  }
  throw refused(first as NativeFailure, facts);
}

/**
 * A program on every call's exit costs more than the calls' own tracepoints, but 32-bit calls need it in any case: then it
 * is the cheaper of the two to have no tracepoints beside it.
 */
export function preferredAttach({ tracefs }: Pick<KernelFacts, "tracefs">, compat: boolean): AttachMode {
  return compat || tracefs === null ? "raw" : "tracepoint";
}

/**
 * Leaves out the calls that have no tracepoint since this kernel was built without them, such as init_module where it has
 * no modules: they always fail with ENOSYS. The tracepoint that all calls share sees those attempts too.
 */
function presentHooks(hooks: EventHooks, facts: KernelFacts, attach: AttachMode): EventHooks {
  const { tracefs } = facts;
  if (tracefs === null || attach === "raw") return hooks;
  return {
    ...hooks,
    calls: hooks.calls.filter((call) => isThere(join(tracefs, "events/syscalls", `sys_exit_${call}`))),
  };
}

/**
 * Loads the programs, aside: this thread can read another probe meanwhile.
 * @throws ProbeError for everything a user can mend.
 */
export async function loadProbe(options: ProbeOptions, facts: KernelFacts, cgroup: CgroupChoice): Promise<LoadedProbe> {
  const module = loadNative();
  if (!facts.btf) {
    throw new ProbeError(
      "no-btf",
      "the kernel has no type information: /sys/kernel/btf/vmlinux is missing",
      "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions have since 2020",
    );
  }
  const attach = options.attach ?? preferredAttach(facts, options.compat ?? facts.compat);
  const hooks = presentHooks(hooksFor(options.types, facts.ioUring), facts, attach);
  if (attach === "tracepoint" && facts.tracefs === null) {
    throw new ProbeError(
      "no-tracefs",
      "the calls' tracepoints are not to be had: no tracefs is mounted",
      "run: mount -t tracefs tracefs /sys/kernel/tracing",
    );
  }
  const compat = (options.compat ?? facts.compat) && hooks.calls.length > 0;
  const ringBytes = ringSize(options.ringBytes ?? 8 * MIB);
  const { native, variant } = await tryVariants(options, facts, (name) =>
    module.load({
      path: join(PREBUILDS, `probe-${name}.bpf.o`),
      programs: programNames(hooks, attach, compat),
      mapEntries: { ring: ringBytes, scratches: possibleProcessors() },
      settings: settingsBytes(options, cgroup),
    }),
  );
  return { native, variant, attach, compat, hooks, ringBytes };
}

/** Hangs the loaded programs on their hooks: from here on there are events. */
export function attachProbe({ native, attach, compat, hooks }: LoadedProbe): void {
  try {
    for (const call of hooks.calls) {
      const [number, compatNumber] = CALL_NUMBERS[call] ?? [null, null];
      if (attach === "raw" && number !== null) native.install("calls", number, `raw_${call}`);
      if (compat && compatNumber !== null) native.install("calls", COMPAT_BASE + compatNumber, `raw_${call}`);
    }
    for (const tracepoint of hooks.tracepoints) native.attach(tracepoint);
    if (attach === "tracepoint") {
      for (const call of hooks.calls) native.attach(`tp_${call}`, "syscalls", `sys_exit_${call}`);
    } else if (hooks.calls.length > 0) {
      native.attach("dispatch");
    }
    if (compat && attach === "tracepoint") native.attach("dispatch_compat");
  } catch (error) {
    if (!isNativeFailure(error)) throw error;
    throw new ProbeError(
      error.errno === EPERM || error.errno === EACCES ? "no-permission" : "attach-failed",
      `the probe could not be attached: ${error.message}`,
      "run as root, or check that perf_event_open is not forbidden (kernel.perf_event_paranoid, seccomp)",
      { cause: error, log: error.log },
    );
  }
}
