import { identifyProcess, type ProcessIdentity } from "@falco-efk/probe";

/** /proc tells starts in ticks of 10 ms. */
const TICK = 10_000_000;

/** True when the process that started `startTime` nanoseconds after boot is this one: a pid alone is used again. */
export function isSameProcess(identity: ProcessIdentity, pid: number, startTime: number | bigint): boolean {
  return pid === identity.pid && Math.abs(Number(identity.startTime) - Number(startTime)) < TICK;
}

/** The identities of processes that run; one that has ended already is left out. */
export function identifyProcesses(pids: Iterable<number>): ProcessIdentity[] {
  return [...pids].flatMap((pid) => {
    try {
      return [identifyProcess(pid)];
    } catch {
      return [];
    }
  });
}
