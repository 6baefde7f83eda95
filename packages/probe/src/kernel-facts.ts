import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";

const BTF = "/sys/kernel/btf/vmlinux";
const ALL_CAPABILITIES = (1n << 64n) - 1n;
const TRACEFS = "/sys/kernel/tracing";
const DEBUGFS = "/sys/kernel/debug/tracing";

/** What the running kernel offers a probe. */
export interface KernelFacts {
  readonly release: string;
  readonly btf: boolean;
  /** Where the calls' own tracepoints are, or null. */
  readonly tracefs: string | null;
  /** The mode of kernel lockdown in force, `none` where there is none. */
  readonly lockdown: string;
  /** Names of the capabilities that some thread of this process lacks. */
  readonly missingCapabilities: readonly string[];
  /** 32-bit programs can run. */
  readonly compat: boolean;
  /** Calls through io_uring can be seen. */
  readonly ioUring: boolean;
}

const WANTED: readonly (readonly [string, bigint])[] = [
  ["CAP_BPF", 39n],
  ["CAP_PERFMON", 38n],
  ["CAP_SYS_PTRACE", 19n],
  ["CAP_DAC_READ_SEARCH", 2n],
];
const CAP_SYS_ADMIN = 21n;

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Whether there is such a file: existsSync asks with the user's own rights, without what capabilities add to them. */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Effective capabilities of a process, from /proc/<pid>/status. */
export function effectiveCapabilities(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
}

/** The tracepoints' types tell whether they are there, tracefs or not. */
function hasUring(): boolean {
  try {
    const types = readFileSync(BTF);
    return types.includes("btf_trace_io_uring_submit_req") && types.includes("btf_trace_io_uring_complete");
  } catch {
    return false;
  }
}

/**
 * What every thread of a process may do: a thread may have given a capability up by itself. A thread that ends while
 * they are looked at holds nothing back.
 */
export function heldCapabilities(threads = "/proc/self/task"): bigint {
  return readdirSync(threads).reduce((held, thread) => {
    const status = readText(`${threads}/${thread}/status`);
    return status === null ? held : held & effectiveCapabilities(status);
  }, ALL_CAPABILITIES);
}

function hasCalls(root: string): boolean {
  return isThere(`${root}/events/syscalls`);
}

/** Finds the calls' tracepoints; mounts tracefs where it is missing and may be mounted. */
export function findTracefs(): string | null {
  for (const root of [TRACEFS, DEBUGFS]) if (hasCalls(root)) return root;
  if (process.getuid?.() !== 0) return null;
  try {
    if (!isThere(TRACEFS)) mkdirSync(TRACEFS);
    execFileSync("mount", ["-t", "tracefs", "tracefs", TRACEFS], { stdio: "ignore" });
  } catch {
    return null;
  }
  return hasCalls(TRACEFS) ? TRACEFS : null;
}

/** Looks at the kernel. Mounts tracefs when it can. */
export function kernelFacts(): KernelFacts {
  const held = heldCapabilities();
  const has = (bit: bigint): boolean => (held >> bit) % 2n === 1n;
  const missing = WANTED.filter(([name, bit]) => !has(bit) && !(has(CAP_SYS_ADMIN) && /BPF|PERFMON/.test(name)));
  return {
    release: release(),
    btf: isThere(BTF),
    tracefs: findTracefs(),
    lockdown: /\[(\w+)\]/.exec(readText("/sys/kernel/security/lockdown") ?? "")?.[1] ?? "none",
    missingCapabilities: missing.map(([name]) => name),
    ioUring: hasUring(),
    compat: isThere("/proc/sys/abi/vsyscall32") || isThere("/proc/sys/abi/ldt16"),
  };
}
