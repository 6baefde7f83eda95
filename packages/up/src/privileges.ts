import { readFileSync } from "node:fs";

/** Bits of the capabilities that the probe can't do without, from linux/capability.h. */
const NEEDED: readonly (readonly [name: string, bit: bigint])[] = [
  ["CAP_DAC_READ_SEARCH", 2n],
  ["CAP_SYS_PTRACE", 19n],
  ["CAP_PERFMON", 38n],
  ["CAP_BPF", 39n],
];
const CAP_SYS_ADMIN = 21n;

/** The capabilities for watching the kernel that this process lacks; empty where it has them all. */
export function missingCapabilities(status: string = readFileSync("/proc/self/status", "utf8")): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
  return NEEDED.filter(([name, bit]) => !has(bit) && !(has(CAP_SYS_ADMIN) && /BPF|PERFMON/.test(name))).map(
    ([name]) => name,
  );
}
