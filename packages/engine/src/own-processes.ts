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

/** How many programs that have been started are remembered: events about one may come after its end. */
const MOST_CHILDREN = 256;

/** The engine and the programs it starts for its outputs: what they do never alerts. */
export class OwnProcesses {
  private readonly self: ProcessIdentity;
  private children: readonly ProcessIdentity[] = [];

  /** The engine is this very process. */
  constructor() {
    this.self = identifyProcess(process.pid);
  }

  /** Takes a program that was started just now. */
  add(pid: number): void {
    this.children = [...this.children.slice(1 - MOST_CHILDREN), ...identifyProcesses([pid])];
  }

  /** True for the engine itself. */
  isSelf(pid: number, startTime: number | bigint): boolean {
    return isSameProcess(this.self, pid, startTime);
  }

  /** True for a program that the engine started. */
  isChild(pid: number, startTime: number | bigint): boolean {
    return this.children.some((child) => isSameProcess(child, pid, startTime));
  }

  get hasChildren(): boolean {
    return this.children.length > 0;
  }
}
